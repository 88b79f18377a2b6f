/** Writes the JSON Schema of `dispatching.yml` for the package: `dist/dispatching.schema.json`, the same that `dispatcher schema` prints. */
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { configJsonSchema } from "../src/domain/ConfigJsonSchema.ts"

const dist = join(import.meta.dirname, "../dist")

await mkdir(dist, { recursive: true })
await writeFile(join(dist, "dispatching.schema.json"), `${JSON.stringify(configJsonSchema, null, 2)}\n`)
