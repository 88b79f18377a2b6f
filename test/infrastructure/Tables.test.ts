/** The tables in the modules' documents are those of the code. */
import { assert, describe, it } from "@effect/vitest"
import { tablesOf, withTables } from "../../scripts/terraform/Tables.ts"
import { files, read } from "./Files.ts"

const folders = files
  .filter((path) => /^infrastructure\/terraform\/(modules|examples)\/[\w-]+\/variables\.tf$/.test(path))
  .map((path) => path.slice(0, path.lastIndexOf("/")))

const variables = `variable "name" {
  description = "A name, or \\"none\\" | null."
  type        = string
}

variable "sizes" {
  description = "How large."
  type = object({
    small = optional(number, 1)
    large = optional(object({ most = number }), { most = 2 })
  })
  default = {}

  validation {
    condition     = true
    error_message = "Never."
  }
}
`
const outputs = `output "where" {
  description = "Where it is."
  value = {
    url = "https://\${var.name}"
  }
}
`
const tables = `## Inputs

| name | what it is | type | default |
| --- | --- | --- | --- |
| \`name\` | A name, or "none" \\| null. | \`string\` | required |
| \`sizes\` | How large. | \`object({ small = optional(number, 1), large = optional(object({ most = number }), { most = 2 }) })\` | \`{}\` |

## Outputs

| name | what it is |
| --- | --- |
| \`where\` | Where it is. |`

describe("tables of a module", () => {
  it("say what each input and output is, its type on one line, and whether it is required", () => {
    assert.strictEqual(tablesOf(variables, outputs), tables)
  })

  it("take the place of those before, and nothing else", () => {
    const document = (text: string) =>
      `# One\n\n<!-- Made from the code by \`npm run build:tables\`. -->\n\n${text}\n\n<!-- End of what is made. -->\n\nMore.\n`
    assert.strictEqual(withTables(document("old"), tables), document(tables))
    assert.isUndefined(withTables("# One\n", tables))
  })

  it.each(folders)("in %s are those of its code (otherwise: npm run build:tables)", (folder) => {
    const readme = read(`${folder}/README.md`)
    assert.strictEqual(
      withTables(readme, tablesOf(read(`${folder}/variables.tf`), read(`${folder}/outputs.tf`))),
      readme
    )
  })
})
