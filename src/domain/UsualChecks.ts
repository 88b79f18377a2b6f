/**
 * The checks of an ordinary decision that allows a target: the text that decisions have in common, on top of which ledger and event log deflate
 * theirs. What was packed with a text can be unpacked with that alone, so this one stays as it is.
 */
const ruleOf = (repository: string, path: string, line: number) => ({
  repository,
  file: "dispatching.yml",
  path,
  line
})
const outbound = ruleOf("acme/app", "outbound[0]", 3)
const target = ruleOf("acme/app", "outbound[0].targets[0]", 8)
const inbound = ruleOf("acme/deploy", "inbound[0].targets[0]", 9)
/** The rule that names the target, and the one that lets the source in. */
export const usualRules = { target, inbound }

const all = [
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

/** Such checks, in the order in which they are made. */
export const usualChecks = all.map(([name, expected, actual, rule]) => ({ name, passed: true, expected, actual, rule }))
