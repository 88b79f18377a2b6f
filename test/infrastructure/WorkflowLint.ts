/**
 * GitHub's own check of workflow files, as its editors make it: schema, expressions, and what they may refer to. The package is made for
 * bundlers (it imports JSON without saying so), hence the detour.
 */
import { build } from "esbuild"
import { root } from "./Files.ts"

interface Finding {
  readonly message: string
  readonly range: { readonly start: { readonly line: number } }
}
interface Bundled {
  readonly validate: (document: unknown) => Promise<ReadonlyArray<Finding>>
  readonly TextDocument: {
    readonly create: (uri: string, languageId: string, version: number, text: string) => unknown
  }
}

const contents = `
  export { validate } from "@actions/languageservice/validate"
  export { TextDocument } from "vscode-languageserver-textdocument"
`
const banner = `import { createRequire as $r } from "node:module"; const require = $r(${JSON.stringify(`${root}/`)});`

/** Makes the linter; it says what is wrong with the text of a workflow, as `line: message`. */
export const makeLinter = async () => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    banner: { js: banner }
  })
  const script = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64")
  const { validate, TextDocument }: Bundled = await import(/* @vite-ignore */ `data:text/javascript;base64,${script}`)
  return async (path: string, text: string): Promise<ReadonlyArray<string>> => {
    const findings = await validate(TextDocument.create(`file:///${path}`, "yaml", 1, text))
    return findings.map(({ message, range }) => `${range.start.line + 1}: ${message}`)
  }
}
