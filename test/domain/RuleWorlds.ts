/**
 * Small worlds for properties of the rules: a run, the `dispatching.yml` of its repository, and those of all repositories around it.
 *
 * The vocabulary is so small, and so full of names that differ in case, owner or spelling only, that everything meets everything.
 */
import { Arbitrary, Schema } from "effect"
import type { ConfigAnswer } from "../../src/domain/Config.ts"
import { absent, found, invalid, unreachable } from "../fixtures/Configs.ts"
import type { Situation } from "../fixtures/Plans.ts"
import { keyOf } from "../fixtures/Runs.ts"

type ValueOf<A> = A extends Arbitrary.Arbitrary<infer Value> ? Value : never

/** One of the values; each that is repeated is more likely. Shrinks to the first. */
const oneOf = <const A>(...values: readonly [A, ...ReadonlyArray<A>]): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: values.length - 1 }))),
    (index) => values[index] ?? values[0]
  )

/** Mostly the first value, which is what lets a run pass; otherwise one of the others. */
const mostly = <const A>(usual: A, ...others: readonly [A, ...ReadonlyArray<A>]): Arbitrary.Arbitrary<A> =>
  Arbitrary.flatMap(oneOf(true, true, true, true, true, true, true, false), (isUsual) =>
    isUsual ? Arbitrary.Constant(usual) : oneOf(...others)
  )

const some = <A>(item: Arbitrary.Arbitrary<A>, minLength: number, maxLength: number) =>
  Arbitrary.array(item, { minLength, maxLength })

/** Left out as often as not, which is how `undefined` gets into a file. */
const optional = <A>(item: Arbitrary.Arbitrary<A>): Arbitrary.Arbitrary<A | undefined> =>
  Arbitrary.flatMap(oneOf(false, true), (present) => (present ? item : Arbitrary.Constant(undefined)))

const sourceFile = oneOf(
  "ci.yml",
  "CI.yml",
  ".github/workflows/ci.yml@refs/heads/main",
  "ci.yml",
  "ci.yml",
  "other.yml"
)
const targetFile = oneOf("cd.yml", "CD.yml", ".github/workflows/cd.yml", "cd.yml", "cd.yml", "ci.yml")
const branch = oneOf("main", "main", "release/1")
const branchPattern = oneOf("main", "**", "*", "release/*")
const ref = oneOf("main", "refs/heads/main", "refs/tags/main", "v1", "@default")
const refPattern = oneOf("main", "**", "refs/heads/**", "refs/tags/*", "v*")
const inputName = oneOf("sha", "by", "SHA")
const template = oneOf("{{ source.sha }}", "fixed", "{{ source.sha }}", "{{source.actor}}")
const inputs = Arbitrary.map(some(Arbitrary.all([inputName, template]), 0, 2), Object.fromEntries<string>)

const outboundRule = Arbitrary.all({
  source: Arbitrary.all({
    workflow: sourceFile,
    branches: optional(some(branchPattern, 1, 2)),
    conclusions: optional(some(mostly("success", "failure"), 1, 2)),
    events: optional(some(mostly("push", "schedule", "issues"), 1, 2))
  }),
  targets: some(
    Arbitrary.all({
      repository: oneOf("lib", "Acme/LIB", "acme/lib", "evil/lib", "evil/app", "app"),
      workflow: targetFile,
      ref: optional(ref),
      inputs: optional(inputs)
    }),
    1,
    3
  )
})

export const inboundRule = Arbitrary.all({
  source: Arbitrary.all({
    repository: oneOf("acme/app", "*", "acme/*", "app", "APP", "evil/a*", "lib"),
    workflow: sourceFile,
    branches: optional(some(branchPattern, 1, 2))
  }),
  targets: some(
    Arbitrary.all({
      workflow: targetFile,
      accept_inputs: oneOf(["sha", "by"], ["sha", "by", "SHA"], [], undefined),
      refs: optional(some(refPattern, 1, 2))
    }),
    1,
    2
  )
})
export type InboundRule = ValueOf<typeof inboundRule>

/** A repository that a run may reach: what it is, and its inbound rules if it is readable. */
const neighbour = Arbitrary.all({
  state: mostly("found", "absent", "invalid", "unreachable"),
  defaultBranch: branch,
  inbound: some(inboundRule, 0, 6)
})
export type Neighbour = ValueOf<typeof neighbour>

/** A run and all that decides about it. */
export const world = Arbitrary.all({
  run: Arbitrary.all({
    repository: oneOf("acme/app", "Acme/App", "evil/app"),
    workflow: oneOf("ci.yml", "CI.yml"),
    branch: mostly("main", "release/1", null),
    event: mostly("push", "schedule", "issues"),
    conclusion: mostly("success", "failure", null),
    actor: oneOf("octocat", null),
    fork: mostly(false, true)
  }),
  outbound: some(outboundRule, 1, 4),
  neighbours: Arbitrary.all({
    "acme/app": neighbour,
    "acme/lib": neighbour,
    "evil/app": neighbour,
    "evil/lib": neighbour
  }),
  policy: Arbitrary.all({
    defaultRef: ref,
    sourceAllowlist: mostly(undefined, ["*/app"], ["acme/*", "evil/*"], ["acme/*"], []),
    targetAllowlist: mostly(undefined, ["*/*"], ["acme/*", "*/app"], ["*/lib"], []),
    maxTargets: mostly(25, 1, 2)
  }),
  before: mostly<ReadonlyArray<`${string}/${string} ${string}`>>([], ["acme/lib cd.yml"], ["Evil/lib CD.yml"])
})
export type World = ValueOf<typeof world>

const answerOf = ({ state, inbound, defaultBranch }: Neighbour): ConfigAnswer => {
  switch (state) {
    case "found":
      return found({ inbound }, { defaultBranch })
    case "absent":
      return absent
    case "invalid":
      return invalid("missing key")
    case "unreachable":
      return unreachable("not_found")
  }
}

/** The world as the rules see it. */
export const situationOf = ({ run, outbound, neighbours, policy, before }: World): Situation => ({
  run,
  source: { outbound },
  targets: Object.fromEntries(Object.entries(neighbours).map(([name, each]) => [name, answerOf(each)])),
  policy,
  before: before.map(keyOf)
})

/** The same items in another order; which one depends on `seed` alone. */
const shuffled = <A>(items: ReadonlyArray<A>, seed: number): ReadonlyArray<A> => {
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
): Array<Rule> => [
  ...shuffled(
    rules.map((rule, index) => ({ ...rule, targets: shuffled(rule.targets, seed + index) })),
    seed
  )
]

/** The same world, each repository changed. */
export const withNeighbours = (
  { neighbours, ...rest }: World,
  change: (neighbour: Neighbour, name: keyof World["neighbours"]) => Neighbour
): World => ({
  ...rest,
  neighbours: {
    "acme/app": change(neighbours["acme/app"], "acme/app"),
    "acme/lib": change(neighbours["acme/lib"], "acme/lib"),
    "evil/app": change(neighbours["evil/app"], "evil/app"),
    "evil/lib": change(neighbours["evil/lib"], "evil/lib")
  }
})

/** The same world with all its rules, and their targets, in another order. */
export const reorderedWorld = (world: World, seed: number): World => ({
  ...withNeighbours(world, (neighbour) => ({ ...neighbour, inbound: reordered(neighbour.inbound, seed) })),
  outbound: reordered(world.outbound, seed)
})
