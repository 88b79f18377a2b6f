/**
 * Plan: from a completed run to decisions and orders.
 *
 * A plan is stored before its orders are offered, and found again when the same run is planned again, so planning any number of times
 * gives the same orders and the same facts. Only a replay makes a new plan in its place. A run that no rule is about has a plan that says so.
 */
import { Cause, Clock, DateTime, Effect, Option } from "effect"
import { countsStarts, reserveStarts } from "../domain/ChainStarts.ts"
import type { Decision } from "../domain/Decision.ts"
import { type Fact, outcomeFact, planFacts, replayRequested, requestAccepted } from "../domain/Fact.ts"
import { repositoryKey, sameOwner } from "../domain/Names.ts"
import { type Order, targetLabel } from "../domain/Order.ts"
import { isComplete, keeping, type Plan, plannedSince } from "../domain/Plan.ts"
import type { Decided } from "../domain/Planning.ts"
import { type Acceptance, runKey, type SourceRun } from "../domain/SourceRun.ts"
import type { Versioned } from "../ledger/Items.ts"
import { Ledger } from "../ledger/Ledger.ts"
import { type HeldOrder, isReopenable } from "../ledger/Plans.ts"
import { FactBus, type FactBusError } from "../ports/FactBus.ts"
import type { GitHubError } from "../ports/GitHubError.ts"
import type { TableError } from "../ports/Table.ts"
import { done, type Received } from "../ports/WorkQueue.ts"
import { follow } from "./Follow.ts"
import { countDecision } from "./Metrics.ts"
import { type OrderInFlight, type Origin, originOfRun } from "./OwnRuns.ts"
import { completePlan, type DecidedDraft, draftPlan, type PlanDraft } from "./PlanDraft.ts"
import { aboutRun, OrderQueue, type PlanMessage, ReportQueue } from "./Queues.ts"
import { wantsCheck } from "./ReportCheck.ts"
import { publisher, Settings, Timing } from "./Settings.ts"
import { reportIfComplete } from "./Settling.ts"
import * as Stage from "./Stage.ts"

const logDenial = ({ target, denial, outbound }: Extract<Decision, { readonly _tag: "Denied" }>) =>
  Effect.logInfo("target denied").pipe(
    Effect.annotateLogs({
      target: targetLabel(target),
      rule: `${outbound.file}:${outbound.line}`,
      reason: denial.code,
      why: denial.message
    })
  )

/** What became of a plan, and how loudly its log line says so. */
const resultOf = ({ ignored, config }: Plan) => {
  if (ignored !== undefined) return { level: "Info", outcome: "ignored", why: ignored } as const
  switch (config._tag) {
    case "Invalid":
      return { level: "Warn", outcome: "invalid", file: config.file, problems: config.issues.length } as const
    case "Unreachable":
      return { level: "Error", outcome: "unreachable", why: config.message } as const
    default:
      return { level: "Info", outcome: "planned" } as const
  }
}

/** One line for a new or completed plan, and one for each denial; `known` decisions were logged before. */
const logPlan = Effect.fnUntraced(function* (plan: Plan, known: number) {
  const decisions = plan.decisions.slice(known)
  yield* Effect.forEach(decisions, countDecision, { discard: true })
  const denials = decisions.filter((decision) => decision._tag === "Denied")
  yield* Effect.forEach(denials, logDenial, { discard: true })
  const allowed = plan.decisions.filter((decision) => decision._tag === "Allowed")
  const elapsed = (yield* Clock.currentTimeMillis) - Date.parse(plan.acceptedAt)
  const { level, ...result } = resultOf(plan)
  yield* Effect.logWithLevel(level)("run planned").pipe(
    Effect.annotateLogs({
      ...result,
      generation: plan.generation,
      allowed: allowed.length,
      denied: plan.decisions.length - allowed.length,
      skipped: (plan.skipped?.length ?? 0) + (plan.moreSkipped ?? 0),
      pending: plan.pending.length,
      orders: allowed.map(({ target }) => targetLabel(target)),
      elapsed
    })
  )
})

type Planned = Pick<DecidedDraft, "plan" | "retryAfter">
/** What a draft without targets stores besides its plan. */
const nothingDecided: Pick<DecidedDraft, "orders" | "letIn" | "alongside"> = {
  orders: [],
  letIn: new Map(),
  alongside: []
}

/** Lets new orders take starts of their chain; the root run's own take none. */
const reserved = Effect.fnUntraced(function* (decided: Decided, held: ReadonlyArray<HeldOrder>) {
  const [first] = decided.orders
  if (first === undefined || !countsStarts(decided.orders)) return { ...decided, writes: [] }
  const ledger = yield* Ledger
  const { policy } = yield* Settings
  const { root } = first.chain
  const seen = yield* ledger.chainStarts(root)
  const before = seen?.value.starts ?? 0
  const known = new Set(held.map(({ order }) => order.id))
  const { starts, ...rest } = reserveStarts(decided, before, policy.maxChainStarts, known)
  return { ...rest, writes: starts === before ? [] : [yield* ledger.chainWrite(root, starts, seen)] }
})

/** Remembers whom the targets of other owners let in with new orders; false if that changed since it was read. */
const rememberLetIn = Effect.fnUntraced(function* (
  run: SourceRun,
  letIn: DecidedDraft["letIn"],
  orders: ReadonlyArray<Order>
) {
  const ledger = yield* Ledger
  const foreign = orders.map(({ target }) => target.repository).filter((name) => !sameOwner(name, run.repository))
  const distinct = new Map(foreign.map((name) => [repositoryKey(name), name]))
  return yield* ledger.rememberLetIn(run, [...distinct.values()], letIn)
})

/** What an earlier plan came to is published before a new one takes its place, should that have failed so far. */
const publishEarlier = Effect.fnUntraced(function* (earlier: Plan, held: ReadonlyArray<HeldOrder>) {
  const facts = yield* FactBus
  const by = yield* publisher
  const outcomes = held.flatMap(({ order, state }) => (state._tag === "Settled" ? [outcomeFact(order, state, by)] : []))
  yield* facts.publish([...planFacts(earlier, by), ...outcomes])
})

/**
 * Stores a draft; undefined if another worker was quicker with this run, its chain, a newer run or another holder of its name: then the run is
 * planned again. In the place of an earlier plan it leaves alone what that started.
 */
const save = Effect.fnUntraced(function* (draft: PlanDraft, stored: Versioned<Plan> | undefined) {
  const ledger = yield* Ledger
  const earlier = stored?.value
  const held = draft.plan.generation === 0 ? [] : yield* ledger.heldOrders(runKey(draft.plan.run))
  const kept = held.filter((one) => !isReopenable(one)).map(({ order }) => order.id)
  const isNew = earlier !== undefined && earlier.generation < draft.plan.generation
  if (isNew) yield* publishEarlier(earlier, held)
  const whole = isNew ? keeping(draft.plan, earlier, kept) : draft.plan
  const { orders: drafted, letIn, alongside } = draft._tag === "Decided" ? draft : nothingDecided
  const wanted = drafted.filter(({ id }) => !kept.includes(id))
  const { decisions, orders, writes } = yield* reserved({ decisions: whole.decisions, orders: wanted }, held)
  const at = DateTime.formatIso(yield* DateTime.now)
  const ignored = draft._tag === "Ignored" ? { ignored: draft.why } : {}
  const plan = plannedSince({ ...whole, ...ignored, decisions }, at, isNew ? undefined : earlier)
  if (!(yield* rememberLetIn(plan.run, letIn, orders))) return undefined
  const isSaved = yield* ledger.savePlan(plan, orders, stored?.version, held, [...writes, ...alongside])
  return isSaved ? plan : undefined
})

/** Stores that the run was accepted and, for a replay, who asked for it; gives the facts of both, and whether the run was never handled before. */
const acceptRun = Effect.fnUntraced(function* ({ version: _, replay, ...body }: PlanMessage) {
  const ledger = yield* Ledger
  const by = yield* publisher
  const { stored: acceptance, isNew } = yield* ledger.accept(body)
  if (replay !== undefined) yield* ledger.rememberReplay(acceptance, replay)
  const asked = replay === undefined ? [] : [replayRequested(acceptance, replay, by)]
  return { acceptance, facts: [requestAccepted(acceptance, by), ...asked], isNew }
})

/** The stored plan of the run, completed or made if need be. */
const planned = Effect.fnUntraced(function* (
  acceptance: Acceptance,
  origin: Origin,
  lastAttempt: boolean
): Effect.fn.Return<
  Planned,
  FactBusError | GitHubError | OrderInFlight | TableError,
  FactBus | Effect.Services<ReturnType<typeof draftPlan>>
> {
  const ledger = yield* Ledger
  const stored = Option.getOrUndefined(yield* ledger.plan(runKey(acceptance.run)))
  const earlier = stored?.value
  // A replay makes a new plan; anything else finds this one.
  const current = earlier !== undefined && acceptance.generation <= earlier.generation ? earlier : undefined
  if (current !== undefined && isComplete(current)) return { plan: current, retryAfter: undefined }
  const draft = yield* current === undefined
    ? draftPlan(acceptance, origin, lastAttempt)
    : completePlan(current, origin, lastAttempt)
  const known = current?.decisions.length ?? 0
  const retryAfter = draft._tag === "Decided" ? draft.retryAfter : undefined
  if (current !== undefined && draft.plan.decisions.length === known) return { plan: draft.plan, retryAfter }
  const plan = yield* save(draft, stored)
  if (plan === undefined) return yield* planned(acceptance, origin, lastAttempt)
  yield* logPlan(plan, known)
  return { plan, retryAfter }
})

/**
 * Asks for what a complete plan shows in its repository: its check run and its report at once where it has nothing to start, and else a check run
 * if that takes a while. Who settles the last order asks for both, at once.
 */
const askForReport = Effect.fnUntraced(function* (plan: Plan) {
  const reports = yield* ReportQueue
  const message = { version: 1, ...aboutRun(plan) } as const
  if (!(yield* wantsCheck(plan))) return plan.ignored === undefined ? yield* reportIfComplete(plan) : undefined
  const startsNothing = plan.decisions.every(({ _tag }) => _tag === "Denied")
  if (startsNothing) return yield* reports.offer([{ body: message }])
  const { checkAfter } = yield* Timing
  yield* reports.offer([{ body: { ...message, whileGoingOn: true }, delay: checkAfter }])
})

/** Offers the orders of a stored plan; repeating it offers the same. */
const offerOrders = Effect.fnUntraced(function* (plan: Plan) {
  const orders = yield* OrderQueue
  const about = aboutRun(plan)
  // Those that are kept are offered too: what is over only publishes its outcome again, and what is under way may have been forgotten.
  const allowed = plan.decisions.filter((decision) => decision._tag === "Allowed")
  yield* orders.offer(
    allowed.map(
      ({ orderId }) => ({ body: { version: 1, ...about, order: orderId, generation: plan.generation } }) as const
    )
  )
})

/**
 * Facts on their way to the bus. Those of a run that is handled for the first time wait for its plan (`together`), so that one call publishes
 * all; any others are published at once, since that plan takes long, or a person waits for it.
 */
const makePublishing = Effect.fnUntraced(function* (together: boolean) {
  const { publish } = yield* FactBus
  const waiting: Array<Fact> = []
  return {
    add: (facts: ReadonlyArray<Fact>) => (together ? Effect.sync(() => void waiting.push(...facts)) : publish(facts)),
    /** Publishes those of the plan, and what waits for them. */
    publishWith: (facts: ReadonlyArray<Fact>) => publish([...waiting, ...facts]),
    /** Publishes what waits for a plan that is not made for now. A handler that is interrupted has no time for that: the message comes again. */
    publishWithout: (cause: Cause.Cause<unknown>) =>
      waiting.length === 0 || Cause.hasInterruptsOnly(cause)
        ? Effect.void
        : Effect.catch(publish(waiting), (error) =>
            Effect.logWarning("that the run was accepted is published with the next attempt", error)
          )
  }
})

const pendingRepositories = ({ pending }: Plan): string =>
  [...new Set(pending.map(({ target }) => target.repository))].join(", ")

const handle = Effect.fnUntraced(function* ({ body, attempt, lastAttempt }: Received<PlanMessage>) {
  const { acceptance, facts, isNew } = yield* acceptRun(body)
  const publishing = yield* makePublishing(isNew && !lastAttempt)
  const prepare = Effect.gen(function* () {
    yield* publishing.add(facts)
    const origin = yield* originOfRun(acceptance.run)
    if (origin._tag === "Ours") yield* publishing.add(yield* follow(origin.startedBy, acceptance))
    const prepared = yield* planned(acceptance, origin, lastAttempt)
    yield* offerOrders(prepared.plan)
    return prepared
  })
  const { plan: made, retryAfter } = yield* Effect.tapCause(prepare, publishing.publishWithout)
  yield* publishing.publishWith(planFacts(made, yield* publisher))
  if (!isComplete(made))
    return yield* Stage.retryLater({ attempt }, `cannot reach ${pendingRepositories(made)} yet`, retryAfter)
  yield* askForReport(made)
  return done
})

/**
 * Plan queue → Plan, and Follow for a run that the dispatcher started. One request to GitHub for the configs of the source and of the repositories of its
 * owner that its rules asked for last time, and one per installation for those of other targets; two table writes, one read and one transaction
 * for each run; for one that was dispatched one read more, two and what `follow` costs where an order of ours started it. One call of the bus; in later
 * attempts another for what comes before the plan, and one for a result; for a replay one more for what the earlier plan came to.
 */
export const plan = Stage.make({ name: "Plan", about: aboutRun, handle })
