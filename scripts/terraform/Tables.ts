/** Tables of a Terraform module's inputs and outputs, from its `variables.tf` and `outputs.tf` as `terraform fmt` leaves them. */

/** The attributes of a variable or an output, each as the text behind its equals sign. */
interface Declared {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

/** How many brackets a text opens beyond those that it closes; those in strings of descriptions are balanced. */
const depth = (text: string): number => (text.match(/[([{]/g)?.length ?? 0) - (text.match(/[)\]}]/g)?.length ?? 0)

/** Attributes stand two spaces in; one goes on for as long as a bracket is open. */
const attributesOf = (body: string): Readonly<Record<string, string>> => {
  const attributes: Record<string, string> = {}
  let open: string | undefined
  for (const line of body.split("\n")) {
    const [, name, value] = /^ {2}(\w+) += (.*)$/.exec(line) ?? []
    if (open !== undefined) attributes[open] += `\n${line}`
    else if (name !== undefined && value !== undefined) {
      attributes[name] = value
      open = name
    }
    if (open !== undefined && depth(attributes[open] ?? "") <= 0) open = undefined
  }
  return attributes
}

const declared = (kind: "variable" | "output", text: string): ReadonlyArray<Declared> =>
  [...text.matchAll(new RegExp(`^${kind} "(\\w+)" \\{\\n([\\s\\S]*?)^\\}`, "gm"))].map(([, name = "", body = ""]) => ({
    name,
    attributes: attributesOf(body)
  }))

const cell = (text: string): string => text.replaceAll("|", "\\|")
/** A value on one line: what stood on lines of its own is separated by commas. */
const inOneLine = (value: string): string =>
  value
    .replace(/([({[])\n\s*/g, "$1 ")
    .replace(/,?\n\s*([)}\]])/g, " $1")
    .replace(/\n\s*/g, ", ")
    .replace(/ {2,}/g, " ")
const code = (value: string): string => `\`${cell(inOneLine(value))}\``
const description = ({ attributes }: Declared): string =>
  cell(String(JSON.parse(attributes.description?.replaceAll("$${", "${") ?? '""')))

/** Markdown: a table of the inputs, if there are any, and one of the outputs. */
export const tablesOf = (variables: string, outputs: string): string => {
  const inputs = declared("variable", variables).map(
    (one) =>
      `| \`${one.name}\` | ${description(one)} | ${code(one.attributes.type ?? "any")} | ${one.attributes.default === undefined ? "required" : code(one.attributes.default)} |`
  )
  const results = declared("output", outputs).map((one) => `| \`${one.name}\` | ${description(one)} |`)
  return [
    "## Inputs",
    "",
    "| name | what it is | type | default |",
    "| --- | --- | --- | --- |",
    ...inputs,
    "",
    "## Outputs",
    "",
    "| name | what it is |",
    "| --- | --- |",
    ...results
  ].join("\n")
}

const begin = "<!-- Made from the code by `npm run build:tables`. -->"
const end = "<!-- End of what is made. -->"

/** A document with these tables in place of those between its marks; undefined where it has no marks. */
export const withTables = (document: string, tables: string): string | undefined => {
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from < 0 || to < from) return undefined
  return `${document.slice(0, from)}${begin}\n\n${tables}\n\n${document.slice(to)}`
}
