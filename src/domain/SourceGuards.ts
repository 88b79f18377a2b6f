/**
 * Whether an outbound rule is about this run, and may name this target: all that can be asked before the target's own config is
 * known. One question per function; `Matching.ts` puts them in order.
 */
import { Result } from "effect"
import type { OutboundRule } from "./Config.ts"
import type { RuleRef } from "./Decision.ts"
import { type Chain, type Target, targetKey } from "./Order.ts"
import { matchesAny, matchesRepository } from "./Pattern.ts"
import type { Policy } from "./Policy.ts"
import type { Question } from "./Question.ts"
import { counted, listed } from "./Sentence.ts"
import { isOlder, type RunPosition, type SourceRun } from "./SourceRun.ts"

/** Whether the operator lets this repository start anything. */
export const sourceAllowlist =
  (run: SourceRun, policy: Policy): Question =>
  () => {
    const allowed = policy.sourceAllowlist
    const passed = allowed === undefined || allowed.some((pattern) => matchesRepository(pattern, run.repository))
    return {
      check: {
        name: "source_not_allowlisted",
        passed,
        expected: allowed ? listed(allowed) : "any repository",
        actual: run.repository
      },
      message: `${run.repository} is not in SOURCE_REPO_ALLOWLIST of this service; ask its operators to add it.`
    }
  }

/** A run of a fork's code is untrusted input; nothing in a `dispatching.yml` can change that. */
export const notFromFork =
  (run: SourceRun): Question =>
  () => ({
    check: {
      name: "source_fork",
      passed: !run.fork,
      expected: "a run of the repository's own code",
      actual: run.fork ? "a run of a fork's code" : "its own code"
    },
    message: `The run was for a fork of ${run.repository}; runs of forks never start anything.`
  })

/**
 * Events whose runs count as runs of the default branch although anybody may cause them (GitHub, "Events that trigger workflows": their
 * `GITHUB_REF` is the default branch). A rule has to name them.
 */
const namedEventsOnly: ReadonlyArray<string> = ["workflow_run", "pull_request_target", "issue_comment", "issues"]

/** Whether the rule wants runs that this event started; by default of any event but those that anybody may cause. */
export const sourceEvent =
  (run: SourceRun, rule: OutboundRule, ref: RuleRef): Question =>
  () => {
    const events = rule.source.events
    const passed = events ? events.includes(run.event) : !namedEventsOnly.includes(run.event)
    const expected = events ? listed(events) : `any event but ${listed(namedEventsOnly)}`
    return {
      check: { name: "source_event", passed, expected, actual: run.event, rule: ref },
      message: events
        ? `The run was started by ${run.event}; the rule wants ${expected}.`
        : `The run was started by ${run.event}, which counts as the default branch, no matter who caused it; such runs start something only where the rule names the event in events.`
    }
  }

/** Whether the rule wants runs that ended so; by default only successful ones. */
export const sourceConclusion =
  (run: SourceRun, rule: OutboundRule, ref: RuleRef): Question =>
  () => {
    const conclusions: ReadonlyArray<string> = rule.source.conclusions ?? ["success"]
    const actual = run.conclusion ?? "no conclusion"
    return {
      check: {
        name: "source_conclusion",
        passed: conclusions.includes(actual),
        expected: listed(conclusions),
        actual,
        rule: ref
      },
      message: `The run ended with ${actual}; the rule wants ${listed(conclusions)}.`
    }
  }

/** Whether the rule wants runs of this branch; by default only of the default branch. */
export const sourceBranch =
  (run: SourceRun, rule: OutboundRule, ref: RuleRef): Question =>
  () => {
    const branches = rule.source.branches
    const passed =
      run.branch !== null && (branches ? matchesAny(branches, run.branch) : run.branch === run.defaultBranch)
    const expected = branches ? listed(branches) : `${run.defaultBranch} (the default branch)`
    const actual = run.branch ?? "no branch"
    return {
      check: { name: "source_branch", passed, expected, actual, rule: ref },
      message: `The run was for ${actual}; the rule wants ${expected}.`
    }
  }

const shown = ({ runNumber, createdAt }: RunPosition): string =>
  [runNumber === undefined ? [] : `run ${runNumber}`, createdAt === undefined ? [] : `of ${createdAt}`]
    .flat()
    .join(" ") || "a run without a number"

/** Whether the rule wants runs that are older than the newest one that was planned; by default it does. */
export const notStale =
  (run: SourceRun, newest: RunPosition | undefined, rule: OutboundRule, ref: RuleRef): Question =>
  () => {
    const skips = rule.source.stale === "skip"
    return {
      check: {
        name: "stale_run",
        passed: !skips || newest === undefined || !isOlder(run, newest),
        expected: skips
          ? `no run older than ${newest === undefined ? "the newest" : shown(newest)}`
          : "any run, however old",
        actual: shown(run),
        rule: ref
      },
      message: `The run is older (${shown(run)}) than the newest one of its branch that was planned (${newest === undefined ? "none" : shown(newest)}); the rule skips such runs.`
    }
  }

/** Whether the chain of dispatches may go on. */
export const chainDepth =
  ({ depth }: Chain, { maxChainDepth }: Policy): Question =>
  () => ({
    check: {
      name: "chain_too_deep",
      passed: depth <= maxChainDepth,
      expected: `at most ${counted(maxChainDepth, "dispatch", "dispatches")} deep`,
      actual: String(depth)
    },
    message: `The chain of dispatches that led to this run would become ${depth} deep; this service lets it become ${maxChainDepth} (DISPATCH_MAX_CHAIN_DEPTH).`
  })

/**
 * Whether the target already ran in this chain of dispatches. GitHub bounds `on: workflow_run` to three levels but not an App's
 * dispatches, so loops are ours to stop.
 */
export const notInChain =
  (run: SourceRun, target: Target, { lineage }: Chain, ref: RuleRef): Question =>
  () => {
    const key = targetKey(target)
    const itself = key === targetKey(run)
    const name = `${target.workflow} of ${target.repository}`
    return {
      check: {
        name: "self_dispatch",
        passed: !itself && !lineage.includes(key),
        expected: "a workflow that did not lead to this run",
        actual: lineage.join(" → "),
        rule: ref
      },
      message: itself
        ? `${name} would start itself.`
        : `${name} already ran in the chain of dispatches that led to this run, and would start it again.`
    }
  }

/** Whether the operator lets anything be started in this repository. */
export const targetAllowlist =
  (target: Target, policy: Policy): Question =>
  () => {
    const allowed = policy.targetAllowlist
    const passed = allowed === undefined || allowed.some((pattern) => matchesRepository(pattern, target.repository))
    return {
      check: {
        name: "target_not_allowlisted",
        passed,
        expected: allowed ? listed(allowed) : "any repository",
        actual: target.repository
      },
      message: `${target.repository} is not in TARGET_REPO_ALLOWLIST of this service; ask its operators to add it.`
    }
  }

/** Whether the input templates could be rendered for this run. */
export const inputsValid =
  (rendered: Result.Result<Readonly<Record<string, string>>, string>, ref: RuleRef): Question =>
  () => ({
    check: {
      name: "inputs_invalid",
      passed: Result.isSuccess(rendered),
      expected: "at most 25 inputs, 65,535 characters, known variables, no control characters, no empty values",
      actual: Result.isSuccess(rendered) ? counted(Object.keys(rendered.success).length, "input") : rendered.failure,
      rule: ref
    },
    message: Result.isSuccess(rendered) ? "" : `The inputs cannot be sent: ${rendered.failure}`
  })
