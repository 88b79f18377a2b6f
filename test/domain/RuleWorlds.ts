/**
 * Small worlds for properties of the rules: a run, the `dispatching.yml` of its repository, and those of all repositories around it.
 *
 * The vocabulary is so small, and so full of names that differ in case, owner or spelling only, that everything meets everything.
 */
import { Schema } from "effect"
import type { ConfigAnswer } from "../../src/domain/Config.ts"
import { absent, found, invalid, unreachable } from "../fixtures/Configs.ts"
import type { Situation } from "../fixtures/Plans.ts"
import { keyOf } from "../fixtures/Runs.ts"

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
const some = <S extends Schema.Constraint>(item: S, minimum: number, maximum: number) =>
  Schema.Array(item).check(Schema.isMinLength(minimum), Schema.isMaxLength(maximum))

const repositories = ["acme/app", "acme/lib", "evil/app", "evil/lib"] as const
const Workflow = Schema.Literals(["ci.yml", "CI.yml", ".github/workflows/ci.yml@refs/heads/main", "cd.yml"])
const Branch = Schema.Literals(["main", "release/1"])
const BranchPattern = Schema.Literals(["main", "release/*", "*", "**"])
const Ref = Schema.Literals(["main", "refs/heads/main", "refs/tags/main", "v1", "@default"])
const RefPattern = Schema.Literals(["main", "refs/heads/**", "refs/tags/*", "v*", "**"])
const InputName = Schema.Literals(["sha", "SHA", "by"])
const Template = Schema.Literals(["fixed", "{{ source.sha }}", "{{source.actor}}", "{{ source.nope }}"])

const OutboundRule = Schema.Struct({
  source: Schema.Struct({
    workflow: Workflow,
    branches: Schema.optionalKey(some(BranchPattern, 1, 2)),
    conclusions: Schema.optionalKey(some(Schema.Literals(["success", "failure"]), 1, 2)),
    events: Schema.optionalKey(some(Schema.Literals(["push", "schedule"]), 1, 2))
  }),
  targets: some(
    Schema.Struct({
      repository: Schema.Literals(["lib", "app", "Acme/LIB", "evil/app", "evil/lib", "acme/lib"]),
      workflow: Workflow,
      ref: Schema.optionalKey(Ref),
      inputs: Schema.optionalKey(Schema.Record(InputName, Template))
    }),
    1,
    3
  )
})

const InboundRule = Schema.Struct({
  source: Schema.Struct({
    repository: Schema.Literals(["app", "APP", "lib", "*", "acme/app", "acme/*", "evil/a*"]),
    workflow: Workflow,
    branches: Schema.optionalKey(some(BranchPattern, 1, 2))
  }),
  targets: some(
    Schema.Struct({
      workflow: Workflow,
      accept_inputs: Schema.optionalKey(some(InputName, 0, 3)),
      refs: Schema.optionalKey(some(RefPattern, 1, 2))
    }),
    1,
    2
  )
})
export type InboundRule = typeof InboundRule.Type
export const inboundRule = InboundRule

/** A target repository: its inbound rules, or what it is instead of readable; mostly the former. */
const Neighbour = Schema.Struct({
  state: upTo(9),
  defaultBranch: Branch,
  inbound: some(InboundRule, 0, 4)
})

export const World = Schema.Struct({
  run: Schema.Struct({
    repository: Schema.Literals(["acme/app", "Acme/App", "evil/app"]),
    workflow: Schema.Literals(["ci.yml", "CI.yml", "cd.yml"]),
    branch: Schema.NullOr(Branch),
    event: Schema.Literals(["push", "schedule"]),
    conclusion: Schema.Literals(["success", "success", "failure"]),
    actor: Schema.NullOr(Schema.Literal("octocat")),
    /** A fork's if 0. */
    fork: upTo(9)
  }),
  outbound: some(OutboundRule, 1, 4),
  neighbours: Schema.Record(Schema.Literals(repositories), Neighbour),
  policy: Schema.Struct({
    defaultRef: Ref,
    sourceAllowlist: Schema.optionalKey(some(Schema.Literals(["acme/*", "*/app", "evil/lib"]), 0, 2)),
    targetAllowlist: Schema.optionalKey(some(Schema.Literals(["acme/*", "*/lib", "*/*"]), 0, 2)),
    maxTargets: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 8 }))
  }),
  before: some(Schema.Literals(["acme/lib cd.yml", "Evil/app CI.yml"]), 0, 1)
})
export type World = typeof World.Type

/** What a neighbour is: readable, unless it is one of the few that are not. */
export const isReadable = (neighbour: World["neighbours"][keyof World["neighbours"]]): boolean => neighbour.state > 2

const answerOf = (neighbour: World["neighbours"][keyof World["neighbours"]]): ConfigAnswer => {
  if (neighbour.state === 0) return absent
  if (neighbour.state === 1) return invalid("missing key")
  if (neighbour.state === 2) return unreachable("not_found")
  return found({ inbound: neighbour.inbound }, { defaultBranch: neighbour.defaultBranch })
}

/** The world as the rules see it. */
export const situationOf = ({ run, outbound, neighbours, policy, before }: World): Situation => ({
  run: { ...run, fork: run.fork === 0 },
  source: { outbound },
  targets: Object.fromEntries(Object.entries(neighbours).map(([name, neighbour]) => [name, answerOf(neighbour)])),
  policy,
  before: before.map(keyOf)
})

/** The same items in another order; which one depends on `seed` alone. */
export const shuffled = <A>(items: ReadonlyArray<A>, seed: number): ReadonlyArray<A> => {
  let state = seed
  return items
    .map((item) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return { item, at: state }
    })
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

const reordered = <Rule extends { readonly targets: ReadonlyArray<unknown> }>(
  rules: ReadonlyArray<Rule>,
  seed: number
): ReadonlyArray<Rule> =>
  shuffled(
    rules.map((rule, index) => ({ ...rule, targets: shuffled(rule.targets, seed + index) })),
    seed
  )

/** The same world with all its rules, and their targets, in another order. */
export const reorderedWorld = (world: World, seed: number): World => ({
  ...world,
  outbound: reordered(world.outbound, seed),
  neighbours: {
    "acme/app": reorderedInbound(world.neighbours["acme/app"], seed),
    "acme/lib": reorderedInbound(world.neighbours["acme/lib"], seed),
    "evil/app": reorderedInbound(world.neighbours["evil/app"], seed),
    "evil/lib": reorderedInbound(world.neighbours["evil/lib"], seed)
  }
})

const reorderedInbound = (neighbour: World["neighbours"]["acme/app"], seed: number) => ({
  ...neighbour,
  inbound: reordered(neighbour.inbound, seed)
})
