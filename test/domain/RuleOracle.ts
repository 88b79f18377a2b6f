/**
 * What may be started in a world, worked out a second time: from the files as people wrote them and the words of the design, with
 * regular expressions, and with nothing of `src/domain`. Slow, plain, and without any explanation of its answers.
 */
import type { InboundRule, World } from "./RuleWorlds.ts"

/** One start that is allowed; `key` is `owner/name/file` in lower case. */
export interface Start {
  readonly key: string
  readonly ref: string
  readonly inputs: Readonly<Record<string, string>>
}

const fileName = (workflow: string): string =>
  workflow
    .toLowerCase()
    .replace(/@.*$/, "")
    .replace(/^\.github\/workflows\//, "")

const glob = (pattern: string, text: string): boolean => {
  const literal = (part: string) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")
  const source = pattern
    .split("**")
    .map((part) => part.split("*").map(literal).join("[^/]*"))
    .join(".*")
  return new RegExp(`^${source}$`).test(text)
}

const anyGlob = (patterns: ReadonlyArray<string>, text: string) => patterns.some((pattern) => glob(pattern, text))

/** `name` belongs to `owner`; everything in lower case. */
const fullName = (name: string, owner: string): string => (name.includes("/") ? name : `${owner}/${name}`).toLowerCase()
const owner = (fullName: string): string => fullName.replace(/\/.*$/, "")

const fullRef = (ref: string): string => ref.replace(/^(?!refs\/)/, "refs/heads/")

const render = (template: string, run: World["run"]): string | undefined => {
  switch (template) {
    case "fixed":
      return "fixed"
    case "{{ source.sha }}":
      return "acb5820ced9479c074f688cc328bf03f341a511d"
    case "{{source.actor}}":
      return run.actor ?? undefined
    default:
      return undefined
  }
}

/** Whether an inbound rule of a repository of `targetOwner` lets the start in. */
const letsIn = (rule: InboundRule, targetOwner: string, { run }: World, start: Start, file: string): boolean => {
  const { repository, workflow, branches } = rule.source
  if (!glob(fullName(repository, targetOwner), run.repository.toLowerCase())) return false
  if (fileName(workflow) !== run.workflow.toLowerCase()) return false
  if (branches !== undefined && (run.branch === null || !anyGlob(branches, run.branch))) return false
  return rule.targets.some(
    (target) =>
      fileName(target.workflow) === file &&
      (target.refs === undefined || anyGlob(target.refs.map(fullRef), fullRef(start.ref))) &&
      Object.keys(start.inputs).every((name) => (target.accept_inputs ?? []).some((accepted) => accepted === name))
  )
}

const strangersEvents = ["workflow_run", "pull_request_target", "issue_comment", "issues"]
const wantsEvent = (events: ReadonlyArray<string> | undefined, event: string): boolean =>
  events?.includes(event) ?? !strangersEvents.includes(event)

type OutboundRule = World["outbound"][number]

const namesWorkflow = ({ source }: OutboundRule, { run }: World): boolean =>
  fileName(source.workflow) === run.workflow.toLowerCase()

/** Whether a rule for the run's workflow is about the run. */
const isAbout = ({ source }: OutboundRule, { run }: World): boolean => {
  const { branches = ["main"], conclusions = ["success"], events } = source
  if (run.fork || run.branch === null || !anyGlob(branches, run.branch)) return false
  return conclusions.some((conclusion) => conclusion === run.conclusion) && wantsEvent(events, run.event)
}

/** The rules that are skipped, by their place in the file. */
export const skippedRules = (world: World): ReadonlyArray<string> =>
  world.outbound.flatMap((rule, index) =>
    namesWorkflow(rule, world) && !isAbout(rule, world) ? [`outbound[${index}]`] : []
  )

/** All that the source side wants to start and may ask for, before the cap. */
const wanted = (world: World) => {
  const { run, policy, before } = world
  const source = run.repository.toLowerCase()
  if (policy.sourceAllowlist !== undefined && !anyGlob(policy.sourceAllowlist, source)) return []
  const chain = [
    ...before.map((text) => text.toLowerCase().replace(" ", "/")),
    `${source}/${run.workflow.toLowerCase()}`
  ]
  return world.outbound.flatMap((rule) => {
    if (!namesWorkflow(rule, world) || !isAbout(rule, world)) return []
    return rule.targets.flatMap((target) => {
      const repository = fullName(target.repository, owner(source))
      const file = fileName(target.workflow)
      const key = `${repository}/${file}`
      const rendered = Object.entries(target.inputs ?? {}).map(([name, template]) => [name, render(template, run)])
      if (chain.includes(key) || rendered.some(([, value]) => value === undefined)) return []
      if (policy.targetAllowlist !== undefined && !anyGlob(policy.targetAllowlist, repository)) return []
      return [{ key, repository, file, ref: target.ref ?? policy.defaultRef, inputs: Object.fromEntries(rendered) }]
    })
  })
}

/** Every start that is allowed; of several for one `key` exactly one is to happen. */
export const allowedStarts = (world: World): ReadonlyArray<Start> => {
  const asked = wanted(world)
  const kept = [...new Set(asked.map(({ key }) => key))].sort().slice(0, world.policy.maxTargets)
  return asked.flatMap(({ key, repository, file, ref, inputs }) => {
    const target = Object.entries(world.neighbours).find(([name]) => name === repository)?.[1]
    if (!kept.includes(key) || target?.state !== "found") return []
    const start = { key, ref: ref === "@default" ? target.defaultBranch : ref, inputs }
    return target.inbound.some((rule) => letsIn(rule, owner(repository), world, start, file)) ? [start] : []
  })
}
