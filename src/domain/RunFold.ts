/**
 * From the facts of a run to all that is stored about it: what it adds to figures and says of who starts whom, its row in the list of
 * deliveries, and its node of a chain. A plain function of the set of facts: their order does not matter, nor how often each is there. Pure.
 */
import type { DeliveryRow, FoundRun } from "./Answers.ts"
import { isoTime } from "./Bucket.ts"
import type { ChainNode } from "./Chain.ts"
import { chainNode } from "./ChainFold.ts"
import type { Contribution, Waiting } from "./Contribution.ts"
import type { Fact } from "./Fact.ts"
import { type EndStatus, entryOf, type FactOf, type FactPart, type Status } from "./FactTable.ts"
import { type RunKey, runKey } from "./SourceRun.ts"
import { noTally, sumTallies, type Tally, wholeCounts } from "./Tally.ts"
import { foldTargets, isOpen, type TargetState, targetTally } from "./TargetFold.ts"
import { targetFate } from "./TopologyFold.ts"

/** Grows with every change of what is folded from the same facts; `dispatcher rebuild` then folds what is stored anew. */
export const foldVersion = 7

/** What is shown of a run. */
export interface ShownRun {
  readonly row: DeliveryRow
  /** Where the run is part of a chain. */
  readonly node: ChainNode | undefined
}

/** What the facts of a run come to. */
export interface RunFold {
  readonly run: RunKey
  /** How many facts were folded: all but notes, which change nothing. */
  readonly facts: number
  /** What the run adds, in the minute in which it was accepted; undefined while it is only known that it was lost. */
  readonly contribution: Contribution | undefined
  /** What the run shows; undefined while it is only known that it was lost. */
  readonly shown: ShownRun | undefined
  /** What its redeliveries add: one contribution for each minute in which it was lost. */
  readonly lost: ReadonlyArray<Contribution>
}

/** The run of a fact. */
export const runOf = ({ data: { sourceRepositoryId, runId, attempt } }: Fact): RunKey =>
  runKey({ repositoryId: sourceRepositoryId, runId, attempt })

const partOf = (fact: Fact): FactPart => entryOf(fact.type).part
const statusOf = (fact: Fact): Status => entryOf(fact.type).status
/** Whether a fact is that its run was accepted. */
export const isAcceptance = (fact: Fact): fact is FactOf<"dispatch.request.accepted"> => partOf(fact) === "accepts"

/** Whether a fact is a note: all that is folded of its run is the same without it. */
export const isNote = (fact: Fact): boolean => partOf(fact) === "notes"

/** A time in the spelling that sorts. */
const spelled = (time: string): string => isoTime(Date.parse(time))

const byId = (a: Fact, b: Fact): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** Of the facts with one of these parts the latest: of the highest generation. */
const latest = (facts: ReadonlyArray<Fact>, ...parts: ReadonlyArray<FactPart>): Fact | undefined =>
  facts
    .filter((fact) => parts.includes(partOf(fact)))
    .reduce<Fact | undefined>(
      (best, fact) => (best && best.data.generation >= fact.data.generation ? best : fact),
      undefined
    )

/** What is known of a run without its targets. */
interface RunState {
  readonly accepted: FactOf<"dispatch.request.accepted"> | undefined
  /** The fact that says what planning came to; undefined while a plan is waited for. */
  readonly plan: Fact | undefined
  /** Since when a plan is waited for; undefined where none is. */
  readonly unplannedSince: string | undefined
}

const stateOf = (facts: ReadonlyArray<Fact>, acceptedAt: string): RunState => {
  const accepted = facts.find(isAcceptance)
  const plan = latest(facts, "plans", "ends")
  const replay = latest(facts, "replays")
  const wanted = replay?.data.generation ?? 0
  const isWaiting = (plan?.data.generation ?? -1) < wanted
  return {
    accepted,
    plan: isWaiting ? undefined : plan,
    unplannedSince: !isWaiting ? undefined : replay === undefined ? acceptedAt : spelled(replay.time)
  }
}

const ownTally = (facts: ReadonlyArray<Fact>, { plan }: RunState): Tally => {
  const replays = facts.filter((fact) => partOf(fact) === "replays")
  return {
    counts: {
      accepted: 1,
      [plan === undefined ? "unplanned" : statusOf(plan)]: 1,
      ...(replays[0] === undefined ? {} : { [statusOf(replays[0])]: replays.length })
    }
  }
}

/** The oldest of the open targets; of those of one moment that whose key is least. */
const oldestOpen = (targets: ReadonlyArray<TargetState>): TargetState | undefined =>
  targets.reduce<TargetState | undefined>(
    (oldest, target) => (isOpen(target) && (oldest === undefined || target.since < oldest.since) ? target : oldest),
    undefined
  )

const waitingOf = ({ unplannedSince }: RunState, targets: ReadonlyArray<TargetState>): Waiting | undefined => {
  const open = targets.filter(isOpen)
  if (unplannedSince === undefined && open.length === 0) return undefined
  const oldest = oldestOpen(targets)
  return {
    unplannedSince: unplannedSince ?? null,
    unsettled: open.length,
    unsettledSince: oldest?.since ?? null,
    unsettledTarget: oldest?.label ?? null
  }
}

const latestTime = (facts: ReadonlyArray<Fact>): string =>
  facts.map(({ time }) => spelled(time)).reduce((latest, time) => (time > latest ? time : latest))

/** What every fact of a run holds; of several spellings that of the acceptance, else of the fact whose id is least. */
const commonOf = (facts: readonly [Fact, ...ReadonlyArray<Fact>]) => {
  const accepted = facts.find(isAcceptance)
  const { data } = accepted ?? facts[0]
  const { deliveryId, sourceRepository: source, sourceWorkflow: workflow } = data
  return {
    run: runOf(facts[0]),
    deliveryId,
    acceptedAt: spelled(data.acceptedAt),
    source,
    workflow,
    version: accepted?.data.appVersion ?? accepted?.appversion ?? "unknown",
    lastFactAt: latestTime(facts)
  }
}

const isEnd = (fact: Fact): boolean => partOf(fact) === "ends"

const rowStatus = ({ plan }: RunState, targets: ReadonlyArray<TargetState>): DeliveryRow["status"] => {
  if (plan === undefined) return "waiting"
  if (isEnd(plan)) return statusOf(plan) as EndStatus
  if (targets.some(isOpen)) return "open"
  return targets.every(({ status }) => status === "dispatched") ? "done" : "trouble"
}

const rowOf = (
  facts: readonly [Fact, ...ReadonlyArray<Fact>],
  state: RunState,
  targets: ReadonlyArray<TargetState>,
  tally: Tally
): DeliveryRow => {
  const { deliveryId, acceptedAt, source, workflow } = commonOf(facts)
  const { sourceRepositoryId, runId, attempt } = facts[0].data
  const { branch = null, conclusion = null, actor = null, runUrl = null, runNumber = null } = state.accepted?.data ?? {}
  const { plan } = state
  return {
    ...{ deliveryId, acceptedAt, source, sourceRepositoryId, workflow, runId, attempt },
    ...{ runNumber, branch, conclusion, actor, runUrl },
    status: rowStatus(state, targets),
    message: plan !== undefined && isEnd(plan) ? entryOf(plan.type).message(plan.data as never) : null,
    counts: wholeCounts(tally)
  }
}

/** What redeliveries of a run add, by the time at which it was lost. */
const redeliveries = (facts: ReadonlyArray<Fact>): ReadonlyArray<Contribution> =>
  [...Map.groupBy(facts, ({ data }) => spelled(data.acceptedAt).slice(0, 16)).values()].map((lost) => ({
    ...commonOf(lost as [Fact, ...Array<Fact>]),
    tally: redelivered(lost),
    targets: []
  }))

const redelivered = (facts: ReadonlyArray<Fact>): Tally =>
  facts.length === 0 ? noTally : { counts: { redelivered: facts.length } }

/** Folds the facts of one run, at least one. Those with one id are one fact. */
export const foldRun = (all: readonly [Fact, ...ReadonlyArray<Fact>]): RunFold => {
  const distinct = [...new Map(all.map((fact) => [fact.id, fact])).values()]
    .filter((fact) => !isNote(fact))
    .toSorted(byId)
  const [before, facts] = [
    distinct.filter((fact) => partOf(fact) === "precedes"),
    distinct.filter((fact) => partOf(fact) !== "precedes")
  ]
  const [first, ...others] = facts
  const base = { run: runOf(all[0]), facts: distinct.length, lost: redeliveries(before) }
  if (first === undefined) return { ...base, contribution: undefined, shown: undefined }
  const own = [first, ...others] as const
  const common = commonOf(own)
  const state = stateOf(own, common.acceptedAt)
  // In the order of their keys.
  const targets = foldTargets(own)
  const tallies = targets.map(targetTally)
  const waiting = waitingOf(state, targets)
  const contribution: Contribution = {
    ...common,
    tally: ownTally(own, state),
    targets: targets.map((about, index) => {
      const { repository, workflow } = about.target
      return { repository, workflow, tally: tallies[index] ?? noTally, fate: targetFate(about) }
    }),
    ...(waiting === undefined ? {} : { waiting })
  }
  const row = rowOf(own, state, targets, sumTallies([contribution.tally, redelivered(before), ...tallies]))
  const shown: ShownRun = { row, node: chainNode(own, row, targets) }
  return { ...base, contribution, shown }
}

/** The run of an acceptance, as it is found by its number, URL, commit, branch or actor. */
export const foundRun = ({ data }: FactOf<"dispatch.request.accepted">): FoundRun => {
  const { deliveryId, sourceRepository: source, sourceRepositoryId, sourceWorkflow: workflow, runId, attempt } = data
  const { runNumber = null, branch, sha, actor, runUrl } = data
  const acceptedAt = spelled(data.acceptedAt)
  return {
    ...{ deliveryId, acceptedAt, source, sourceRepositoryId, workflow, runId, attempt },
    ...{ runNumber, branch, sha, actor, runUrl }
  }
}
