/**
 * The checks of a decision as the event log keeps them: deflated, on top of the text that such checks have in common. They are two thirds of a
 * fact, nearly the same each time, and read by people who look at a journey, not by folds.
 *
 * What was packed with a text can be unpacked with that alone, so this one stays as it is; a better one would get another mark.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib"
import type { Check } from "../domain/Decision.ts"

/** Says with which text something is packed. */
const mark = "1:"

const ruleOf = (repository: string, path: string, line: number) => ({
  repository,
  file: "dispatching.yml",
  path,
  line
})
const outbound = ruleOf("acme/app", "outbound[0]", 3)
const target = ruleOf("acme/app", "outbound[0].targets[0]", 8)
const inbound = ruleOf("acme/deploy", "inbound[0].targets[0]", 9)

const usual = [
  ["source_fork", "a run of the repository's own code", "its own code", undefined],
  ["source_event", "any event but workflow_run, pull_request_target, issue_comment, issues", "push", outbound],
  ["source_conclusion", "success", "success", outbound],
  ["source_branch", "main (the default branch)", "main", outbound],
  ["stale_run", "any run, however old", "a run without a number", outbound],
  ["source_not_allowlisted", "any repository", "acme/app", undefined],
  ["self_dispatch", "a workflow that did not lead to this run", "acme/app/ci.yml", target],
  ["chain_too_deep", "at most 5 dispatches deep", "1", undefined],
  ["target_not_allowlisted", "any repository", "acme/deploy", undefined],
  [
    "inputs_invalid",
    "at most 25 inputs, 65,535 characters, known variables, no control characters, no empty values",
    "0 inputs",
    target
  ],
  ["inbound_not_allowed", "ci.yml of acme/app may start cd.yml", "ci.yml of acme/app", inbound],
  ["source_identity_changed", "the repository of this name", "repository 1296269", inbound],
  ["inbound_branch", "any branch", "main", inbound],
  ["inbound_ref", "any ref", "main", inbound],
  ["inputs_not_accepted", "none", "none", inbound]
] as const

const common = JSON.stringify(
  usual.map(([name, expected, actual, rule]) => ({ name, passed: true, expected, actual, rule }))
)
/** What the checks of a fact are packed with: what all have in common, and the names that are in the fact besides. */
const dictionaryOf = (names: ReadonlyArray<string>): Buffer => Buffer.from(names.join(" ") + common)

/** Checks as a text, packed with names that are likely to be in them. */
export const packChecks = (checks: ReadonlyArray<Check>, names: ReadonlyArray<string>): string =>
  mark + deflateRawSync(JSON.stringify(checks), { dictionary: dictionaryOf(names) }).toString("base64")

/** What {@link packChecks} made with these names; anything else, as older versions stored it, as it is. */
export const unpackChecks = (stored: unknown, names: ReadonlyArray<string>): unknown => {
  if (typeof stored !== "string" || !stored.startsWith(mark)) return stored
  const bytes = Buffer.from(stored.slice(mark.length), "base64")
  return JSON.parse(inflateRawSync(bytes, { dictionary: dictionaryOf(names) }).toString())
}
