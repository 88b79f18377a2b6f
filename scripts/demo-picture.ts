/**
 * Draws `docs/demo.svg`: what `npm run demo -- --once` prints, as a terminal shows it. Run it when the demo's words change; a test says so.
 *
 * Long lines are folded. The first episode is shown whole; of the others, results that are alike are shown once and counted.
 */
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"

const columns = 122
const look = { fontSize: 13, lineHeight: 19, charWidth: 7.83, padding: 18, bar: 34 }
const colours: Readonly<Record<number, string>> = {
  31: "#ff7b72",
  32: "#56d364",
  33: "#e3b341",
  34: "#79c0ff",
  35: "#d2a8ff",
  36: "#56d4dd"
}

const root = join(import.meta.dirname, "..")
/** Spaces must not be collapsed, whatever shows the picture. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(" ", "\u00a0")

/** Runs the demo; the port, which differs each time, becomes a fixed one, so that the picture changes only when the words do. */
const demoOutput = (): ReadonlyArray<string> =>
  execFileSync(process.execPath, ["src/entry/demo.ts", "--once"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, FORCE_COLOR: "1" }
  })
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:4000")
    .trim()
    .split("\n")

const indentOf = (line: string): number => /^ */.exec(stripVTControlCharacters(line))?.[0].length ?? 0

/** Lines that belong together: a result and the reason below it. */
const resultsOf = (lines: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> =>
  lines.reduce<Array<Array<string>>>((results, line) => {
    const last = results.at(-1)
    if (indentOf(line) > 4 && last !== undefined) last.push(line)
    else results.push([line])
    return results
  }, [])

/** What distinguishes results: the word, and the reason's code. */
const kindOf = ([first = "", second = ""]: ReadonlyArray<string>): string =>
  [first, second].map((line) => /^ *(\w+)/.exec(stripVTControlCharacters(line))?.[1] ?? line).join()

const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`

/** An episode, of each kind of result only the first. */
const shortened = (episode: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...Map.groupBy(resultsOf(episode), kindOf).values()].flatMap(([first = [], ...others]) =>
    others.length === 0 ? first : [...first, dim(`    … and ${others.length} more like this`)]
  )

/** The episodes, each with its empty line; the first is shown whole. */
const story = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first = [], ...others] = lines
    .join("\n")
    .split("\n\n")
    .map((episode) => episode.split("\n"))
  return [first, ...others.map(shortened)].flatMap((episode) => ["", ...episode])
}

/** Folds a line between words; what follows keeps its indent. Escapes take no room. */
const folded = (line: string): ReadonlyArray<string> => {
  const indent = " ".repeat(indentOf(line))
  const lines: Array<string> = []
  let current = ""
  for (const word of line.split(/(?<=\S)(?= )/)) {
    if (stripVTControlCharacters(current + word).length > columns) {
      lines.push(current)
      current = indent + word.trimStart()
    } else current += word
  }
  return [...lines, current]
}

interface Style {
  bold: boolean
  dim: boolean
  colour: string | undefined
}

/** Does what an escape code says. */
const apply = (code: number, style: Style): void => {
  if (code === 1) style.bold = true
  else if (code === 2) style.dim = true
  else if (code === 22) style.bold = style.dim = false
  else style.colour = colours[code]
}

/** The line's pieces, each in its style; the style at the line's end goes on in the next. */
const styled = (line: string, style: Style): string =>
  line
    .split("\u001b[")
    .map((piece, index) => {
      const [, code = "", text = ""] = index === 0 ? ["", "", piece] : (/^(\d+)m(.*)$/.exec(piece) ?? [])
      if (code !== "") apply(Number(code), style)
      if (text === "") return ""
      const fill = style.colour === undefined ? "" : ` fill="${style.colour}"`
      const opacity = style.dim ? ' opacity=".6"' : ""
      const weight = style.bold ? ' font-weight="700"' : ""
      return `<tspan${fill}${opacity}${weight}>${escaped(text)}</tspan>`
    })
    .join("")

const draw = (lines: ReadonlyArray<string>): string => {
  const width = Math.round(columns * look.charWidth + 2 * look.padding)
  const height = look.bar + lines.length * look.lineHeight + look.padding
  const style = { bold: false, dim: false, colour: undefined }
  const text = lines.map((line, index) => {
    const y = look.bar + (index + 1) * look.lineHeight - 5
    return `<text x="${look.padding}" y="${y}">${styled(line, style)}</text>`
  })
  const lights = ["#ff5f57", "#febc2e", "#28c840"].map(
    (colour, index) => `<circle cx="${look.padding + 6 + index * 20}" cy="17" r="6" fill="${colour}"/>`
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="What npm run demo prints">`,
    `<rect width="${width}" height="${height}" rx="10" fill="#0d1117"/>`,
    ...lights,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${look.fontSize}" fill="#e6edf3">`,
    ...text,
    "</g>",
    "</svg>",
    ""
  ].join("\n")
}

const lines = ["\u001b[32m$\u001b[39m npm run demo -- --once", ...story(demoOutput())]
writeFileSync(join(root, "docs/demo.svg"), draw(lines.flatMap(folded)))
