/**
 * From candidates and their targets' configs to the decisions of a plan and its orders. Pure.
 *
 * Laws (tested as properties): nothing is allowed without an inbound rule that names it; the order of rules never changes what is
 * allowed; one target workflow has at most one order per run.
 */
import { type Authorized, authorize } from "./Authorization.ts"
import type { ConfigAnswer } from "./Config.ts"
import type { Allowed, Decision, Denied } from "./Decision.ts"
import { isCandidate, type Matched, optionalityOf, rankOf } from "./Decision.ts"
import { type RepositoryKey, type RepositoryName, repositoryKey } from "./Names.ts"
import { type Chain, type Order, orderId, type TargetKey, targetKey } from "./Order.ts"
import type { RememberedSources } from "./SourceIdentity.ts"
import type { Acceptance, SourceRun } from "./SourceRun.ts"

/** What is to be decided about. */
export interface DecideInput {
  readonly acceptance: Acceptance
  readonly matched: Matched
  /** The config of every repository of {@link targetRepositories}. */
  readonly answers: ReadonlyMap<RepositoryKey, ConfigAnswer>
  /** The chain that the run's orders belong to. */
  readonly chain: Chain
  /** Whom the targets of other owners first let in under the source's name; default: none of them did. */
  readonly remembered?: RememberedSources
}

/** All decisions, in the order of the rules, and an order for every allowed one. */
export interface Decided {
  readonly decisions: ReadonlyArray<Decision>
  readonly orders: ReadonlyArray<Order>
}

/** The repositories whose configs are needed for a decision, each once. */
export const targetRepositories = (matched: Matched): ReadonlyArray<RepositoryName> => [
  ...new Map(
    matched.filter(isCandidate).map(({ target }) => [repositoryKey(target.repository), target.repository])
  ).values()
]

const neverAsked: ConfigAnswer = {
  _tag: "Unreachable",
  reason: "unavailable",
  message: "its config was not loaded",
  transient: true
}

const rank = ({ target, candidate: { inputs } }: Authorized): string => rankOf({ target, inputs })

/** The one of several authorised rules for one target workflow that becomes the order. */
const chosen = (authorized: ReadonlyArray<Authorized>): ReadonlyMap<TargetKey, Authorized> => {
  const byTarget = new Map<TargetKey, Authorized>()
  for (const entry of authorized) {
    const key = targetKey(entry.target)
    const other = byTarget.get(key)
    if (other === undefined || rank(entry) < rank(other)) byTarget.set(key, entry)
  }
  return byTarget
}

const duplicate = (entry: Authorized, first: Authorized): Denied => {
  const { target, checks, candidate } = entry
  const actual = `${first.candidate.outbound.path} (line ${first.candidate.outbound.line})`
  return {
    _tag: "Denied",
    target,
    outbound: candidate.outbound,
    ...optionalityOf(candidate),
    checks: [...checks, { name: "duplicate_target", passed: false, expected: "one rule per target workflow", actual }],
    denial: {
      code: "duplicate_target",
      message: `${target.workflow} of ${target.repository} is started once per run, by ${actual}; this rule names it again.`
    }
  }
}

/** Asks one target. What it costs is bounded by the size of the target's file. */
export const ask = (
  { acceptance, answers, remembered }: Omit<DecideInput, "matched">,
  entry: Matched[number]
): Authorized | Denied => {
  if (!isCandidate(entry)) return entry
  const key = repositoryKey(entry.target.repository)
  const known = remembered === "hypothetical" ? remembered : remembered?.get(key)
  return authorize(entry, acceptance.run, answers.get(key) ?? neverAsked, known)
}

/** Decides about every target at once. */
export const decide = (input: DecideInput): Decided =>
  conclude(
    input,
    input.matched.map((entry) => ask(input, entry))
  )

/** Decides by what all targets answered. */
export const conclude = (
  { acceptance, chain }: Omit<DecideInput, "matched">,
  asked: ReadonlyArray<Authorized | Denied>
): Decided => {
  const { run } = acceptance
  const authorized = asked.filter((entry) => entry._tag === "Authorized")
  const winners = chosen(authorized)
  // Of several rules for one target workflow, one that does not make it optional is enough to make it count.
  const required = new Set(
    authorized.filter(({ candidate }) => candidate.optional !== true).map(({ target }) => targetKey(target))
  )
  const toOrder = ({ target, candidate }: Authorized): Order => ({
    ...acceptance,
    id: orderId(run, target),
    target,
    inputs: candidate.inputs,
    chain
  })
  const toDecision = (entry: Authorized | Denied): Decision => {
    if (entry._tag === "Denied") return entry
    const winner = winners.get(targetKey(entry.target))
    if (winner !== undefined && winner !== entry) return duplicate(entry, winner)
    return allowed(entry, run, !required.has(targetKey(entry.target)))
  }
  return { decisions: asked.map(toDecision), orders: [...winners.values()].map(toOrder) }
}

const allowed = ({ target, candidate, checks, inbound }: Authorized, run: SourceRun, optional: boolean): Allowed => ({
  _tag: "Allowed",
  target,
  outbound: candidate.outbound,
  ...optionalityOf({ optional }),
  checks,
  inbound,
  orderId: orderId(run, target)
})
