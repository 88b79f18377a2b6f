/**
 * The JSON Schema of `dispatching.yml` (draft 2020-12), for editors and other validators: made of the schema that files are decoded with
 * (`ConfigSchema.ts`), so that both say the same. What JSON Schema cannot say (repeated keys, the size limit, YAML's aliases) only
 * `ConfigFile.ts` checks.
 */
import { Schema } from "effect"
import { DispatchingFile } from "./ConfigSchema.ts"

/** What the schema is known by; it is published in the package and by `dispatcher schema`, not at an address. */
export const configSchemaId = "urn:dispatcher:schema:dispatching.yml"

const document = Schema.toJsonSchemaDocument(DispatchingFile, { onExcessProperty: "error" })

/** The schema, ready to be written as JSON. */
export const configJsonSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: configSchemaId,
  ...document.schema,
  ...(Object.keys(document.definitions).length > 0 ? { $defs: document.definitions } : {})
}
