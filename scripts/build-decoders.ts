/**
 * Writes the page's decoders, `src/dashboard/ui/api/Decoders.ts`, from the schemas of the API's answers. `npm run build:page` runs it; a test
 * compares.
 *
 * The schemas themselves would weigh 29 KB in the page's bundle. Decoders that are written by hand have to be kept like them, and types
 * catch only half of that: a decoder of text where the domain has come to allow null is a decoder of "text or null" to the compiler. What
 * is made of the schemas follows them; and since each decoder has to be of exactly the type that `SentAnswers` takes from the same
 * schema, a file that was not made again does not compile (it does where only an optional field is new; the test finds that, too). A
 * schema that has no form here (a date, a class) stops the build.
 */
import { execFileSync } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Schema } from "effect"
import { Replayed } from "../src/dashboard/api/Commands.ts"
import { UnsupportedFilters } from "../src/dashboard/api/Errors.ts"
import type { SentAnswers } from "../src/dashboard/ui/api/Answers.ts"
import * as Answers from "../src/domain/Answers.ts"
import { ChainNode, ChainView } from "../src/domain/Chain.ts"
import { Check, RuleRef, Skipped } from "../src/domain/Decision.ts"
import { Explanation } from "../src/domain/Explanation.ts"
import { Target } from "../src/domain/Order.ts"
import { SourceConfig } from "../src/domain/Plan.ts"
import { Scope } from "../src/domain/Scope.ts"
import { ConnectionPage, Neighbours, WorkflowConnection } from "../src/domain/Topology.ts"
import { codeOf, named, object } from "./decoders/Code.ts"

const root = join(import.meta.dirname, "..")

/** The generated file, from the repository's root. */
export const decodersPath = "src/dashboard/ui/api/Decoders.ts"

const answers: { readonly [Name in keyof SentAnswers]: Schema.Top } = {
  health: Answers.Health,
  trend: Answers.Trend,
  leaderboard: Answers.Leaderboard,
  choices: Answers.Choices,
  deliveryPage: Answers.DeliveryPage,
  eventPage: Answers.EventPage,
  foundPage: Answers.FoundPage,
  journey: Answers.Journey,
  chain: ChainView,
  connectionPage: ConnectionPage,
  neighbours: Neighbours,
  explanation: Explanation,
  replayed: Replayed,
  unsupported: Schema.Struct(UnsupportedFilters.fields)
}

/** What several answers are made of: written once, each after those that it is made of. */
const parts: Readonly<Record<string, Schema.Top>> = {
  counts: Answers.Counts,
  quantiles: Answers.Quantiles,
  scope: Scope,
  deliveryRow: Answers.DeliveryRow,
  target: Target,
  rule: RuleRef,
  check: Check,
  skipped: Skipped,
  config: SourceConfig,
  chainNode: ChainNode,
  connection: WorkflowConnection
}

const header = `/**
 * Decoders of the server's answers. Generated from the schemas by scripts/build-decoders.ts: not to be edited, but made again by
 * npm run build:page.
 */
import type { SentAnswers } from "./Answers.ts"
import { type Decoder, decodeRecord, flag, list, nullable, number, oneOf, optional, struct, tagged, text, typedOrOther } from "./Decode.ts"
`

const constants = Object.entries(parts).map(([name, { ast }]) => `const ${name} = ${named(name, ast)}\n`)
const entries = Object.entries<Schema.Top>(answers).map(([name, { ast }]) => [name, codeOf(ast)] as const)
const written = `${header}
${constants.join("")}
/** The decoder of each answer. */
export const decoders: { readonly [Name in keyof SentAnswers]: Decoder<SentAnswers[Name]> } = ${object(entries)}
`

/** The text of the generated file, as the formatter leaves it. */
export const decodersSource = (): string =>
  execFileSync(join(root, "node_modules/.bin/biome"), ["check", "--write", `--stdin-file-path=${decodersPath}`], {
    cwd: root,
    input: written,
    encoding: "utf8"
  })

if (import.meta.main) await writeFile(join(root, decodersPath), decodersSource())
