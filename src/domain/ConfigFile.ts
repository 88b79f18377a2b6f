/**
 * Text of a `dispatching.yml` → the contract that the rules work on, or everything that is wrong with the text.
 *
 * The way: YAML to values with places (`ConfigYaml.ts`), the schema (`ConfigSchema.ts`), and from there the normalised form. Pure
 * and total: any text gets an answer, within a time bounded by the size limit. A text that is no YAML is reported as such;
 * otherwise all problems of all kinds are reported at once.
 */
import { Result, Schema } from "effect"
import type { ConfigIssue, DispatchingConfig, InboundRule, OutboundRule, RulePlace } from "./Config.ts"
import { schemaProblems } from "./ConfigIssues.ts"
import { locatorOf, type Path, type Problem, placeAt, showPath, toIssues } from "./ConfigProblem.ts"
import { DispatchingFile } from "./ConfigSchema.ts"
import type { Tree } from "./ConfigTree.ts"
import { maxFileBytes, readYaml } from "./ConfigYaml.ts"
import { normalizeWorkflow, WorkflowFile } from "./Names.ts"

/** What git stores for a symbolic link in the file's place: the path that it leads to, without a line end. */
const linkTarget = /^[^\s:#'"[\]{}]*(?:\/[^\s:#'"[\]{}]*|\.ya?ml)$/iu
const linkIssue: ConfigIssue = {
  line: 1,
  column: 1,
  path: "",
  message:
    "found only a path, as a symbolic link has it; links are not followed, so put the rules into this file itself"
}

/** Most targets that all outbound rules of one file may have together. */
const maxOutboundTargets = 500

type Locate = (path: Path) => RulePlace

const decodeFile = Schema.decodeUnknownResult(DispatchingFile, {
  onExcessProperty: "error",
  errors: "all",
  reportInput: true
})

const workflowFile = (text: string): WorkflowFile => WorkflowFile.make(normalizeWorkflow(text))

type RawOutboundRule = NonNullable<DispatchingFile["outbound"]>[number]
type RawInboundRule = NonNullable<DispatchingFile["inbound"]>[number]

const outboundRule = (rule: RawOutboundRule, path: Path, locate: Locate): OutboundRule => ({
  place: locate(path),
  source: {
    workflow: workflowFile(rule.source.workflow),
    branches: rule.source.branches,
    conclusions: rule.source.conclusions,
    events: rule.source.events,
    stale: rule.source.stale
  },
  targets: rule.targets.map((target, index) => ({
    place: locate([...path, "targets", index]),
    repository: target.repository,
    workflow: workflowFile(target.workflow),
    ref: target.ref,
    inputs: new Map(Object.entries(target.inputs ?? {})),
    optional: target.optional ?? false
  })),
  check: rule.check
})

const inboundRule = (rule: RawInboundRule, path: Path, locate: Locate): InboundRule => ({
  place: locate(path),
  source: {
    repository: rule.source.repository,
    workflow: workflowFile(rule.source.workflow),
    id: rule.source.id === undefined ? undefined : String(rule.source.id),
    branches: rule.source.branches
  },
  targets: rule.targets.map((target, index) => ({
    place: locate([...path, "targets", index]),
    workflow: workflowFile(target.workflow),
    acceptInputs: new Set(target.accept_inputs ?? []),
    refs: target.refs
  }))
})

const toConfig = (file: DispatchingFile, locate: Locate): DispatchingConfig => ({
  outbound: (file.outbound ?? []).map((rule, index) => outboundRule(rule, ["outbound", index], locate)),
  inbound: (file.inbound ?? []).map((rule, index) => inboundRule(rule, ["inbound", index], locate))
})

/** The first outbound target that is one too many. */
const tooManyTargets = (file: DispatchingFile, tree: Tree): ReadonlyArray<Problem> => {
  const paths = (file.outbound ?? []).flatMap((rule, index) =>
    rule.targets.map((_, target): Path => ["outbound", index, "targets", target])
  )
  const path = paths[maxOutboundTargets]
  if (path === undefined) return []
  const message = () => `found ${paths.length} outbound targets, expected at most ${maxOutboundTargets} in one file`
  return [{ offset: placeAt(tree.place, path).value, path, message }]
}

/** An empty file, or one of comments only, is a config without rules. */
const decode = (tree: Tree): Result.Result<DispatchingFile, ReadonlyArray<Problem>> => {
  const decoded = decodeFile(tree.value ?? {}).pipe(
    Result.mapError((error) => schemaProblems(error.issue, tree.place)),
    Result.flatMap((file) => {
      const problems = tooManyTargets(file, tree)
      return problems.length > 0 ? Result.fail(problems) : Result.succeed(file)
    })
  )
  if (tree.problems.length === 0) return decoded
  return Result.fail([...tree.problems, ...(Result.isFailure(decoded) ? decoded.failure : [])])
}

/**
 * Reads a `dispatching.yml`. Fails with at least one issue and at most 101, in the order of the text.
 *
 * A byte order mark is skipped. `outbound`, `inbound`, `inputs` and `accept_inputs` may be left without a value, which is the
 * same as leaving them out.
 */
export const parseConfig = (text: string): Result.Result<DispatchingConfig, ReadonlyArray<ConfigIssue>> => {
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text
  if (text.length < 4096 && linkTarget.test(text)) return Result.fail([linkIssue])
  // Nothing is ever reported behind the size limit, so a huge text is not searched for lines either.
  const locate = locatorOf(content.slice(0, maxFileBytes))
  return Result.gen(function* () {
    const tree = yield* readYaml(content)
    const file = yield* decode(tree)
    return toConfig(file, (path) => ({ path: showPath(path), line: locate(placeAt(tree.place, path).value).line }))
  }).pipe(Result.mapError((problems) => toIssues(problems, locate)))
}
