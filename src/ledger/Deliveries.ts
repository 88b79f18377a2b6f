/**
 * Deliveries: what was accepted, and what is to be planned again because a person asks for it. The first delivery of a run stands for all:
 * another one, with a GUID of its own, leads to the same acceptance.
 */
import { Effect, Option } from "effect"
import { Acceptance, acceptanceOf, type DeliveryId, ReplayRequest, type RunKey, runKey } from "../domain/SourceRun.ts"
import {
  absent,
  atVersion,
  ordered,
  type Table,
  type TableError,
  type TableReader,
  type Write
} from "../ports/Table.ts"
import { DeliveryItem, encodeItem, expiryAfter, ReplaysItem, read, retention } from "./Items.ts"
import { acceptedDays, acceptedKey, deliveryKey, planKey, replayKey, replaysKey } from "./Keys.ts"
import { PlanItem } from "./PackedPlan.ts"

/** What the ledger does for deliveries. */
export interface DeliveryLedger {
  /**
   * Stores that a run was accepted; gives the stored acceptance, in the generation of the given one, and whether it is new. Two writes, and a
   * read for a run that was stored before.
   */
  readonly accept: (
    acceptance: Acceptance
  ) => Effect.Effect<{ readonly stored: Acceptance; readonly isNew: boolean }, TableError>
  /**
   * The delivery as it was accepted, whatever came of it, with the generation of one more replay of its run; none where the delivery is not
   * stored. Three reads, four after 30 days, and one write.
   */
  readonly countReplay: (id: DeliveryId) => Effect.Effect<Option.Option<Acceptance>, TableError>
  /** Stores who asked for the replay of this generation, and when. One write; another is no harm. */
  readonly rememberReplay: (acceptance: Acceptance, request: ReplayRequest) => Effect.Effect<void, TableError>
}

/** The run that a delivery was about. One read. */
export const readRunOfDelivery = (
  table: TableReader,
  id: DeliveryId
): Effect.Effect<Option.Option<RunKey>, TableError> =>
  Effect.map(
    read(table, deliveryKey(id), DeliveryItem),
    Option.map(({ value }) => value.run)
  )

/** How the run of a delivery was accepted. Two reads; three after 30 days, when only its plan has it. */
export const readAcceptance = Effect.fnUntraced(function* (table: TableReader, id: DeliveryId) {
  const run = yield* readRunOfDelivery(table, id)
  if (Option.isNone(run)) return Option.none<Acceptance>()
  const accepted = yield* read(table, acceptedKey(run.value), Acceptance)
  const found = Option.isSome(accepted) ? accepted : yield* read(table, planKey(run.value), PlanItem)
  return Option.map(found, ({ value }) => acceptanceOf(value))
})

/** Over a table. */
export const makeDeliveryLedger = (table: Table["Service"]): DeliveryLedger => {
  /** Stores how a run was accepted, unless it was before. One write, and a read where there was something. */
  const acceptRun = Effect.fnUntraced(function* (first: Acceptance) {
    const expiresAt = yield* expiryAfter(acceptedDays)
    const key = acceptedKey(runKey(first.run))
    const attributes = encodeItem(Acceptance, first)
    const put: Write = { _tag: "Put", key, attributes, condition: absent, expiresAt }
    return yield* ordered(table.write(put)).pipe(
      Effect.as({ stored: first, isNew: true }),
      Effect.catchTag("ConditionFailed", () =>
        Effect.map(read(table, key, Acceptance), (before) => ({
          stored: Option.match(before, { onNone: () => first, onSome: ({ value }) => value }),
          isNew: false
        }))
      )
    )
  })

  const accept = Effect.fn("Ledger.accept")(function* (acceptance: Acceptance) {
    const { stored, isNew } = yield* acceptRun({ ...acceptance, generation: 0 })
    const attributes = encodeItem(DeliveryItem, { run: runKey(stored.run) })
    yield* table.append([{ key: deliveryKey(acceptance.deliveryId), attributes, expiresAt: yield* retention }])
    return { stored: { ...stored, generation: acceptance.generation }, isNew }
  })

  const countReplay = Effect.fn("Ledger.countReplay")(function* (
    id: DeliveryId
  ): Effect.fn.Return<Option.Option<Acceptance>, TableError> {
    const accepted = yield* readAcceptance(table, id)
    if (Option.isNone(accepted)) return Option.none()
    const acceptance = accepted.value
    const key = replaysKey(runKey(acceptance.run))
    const latest = Option.getOrUndefined(yield* read(table, key, ReplaysItem))
    const generation = (latest?.value.generation ?? 0) + 1
    const condition = latest === undefined ? absent : atVersion(latest.version)
    const put: Write = { _tag: "Put", key, attributes: { generation }, condition, expiresAt: yield* retention }
    return yield* table.write(put).pipe(
      Effect.as(Option.some({ ...acceptance, generation })),
      Effect.catchTag("ConditionFailed", () => countReplay(id))
    )
  })

  const rememberReplay = Effect.fnUntraced(function* ({ run, generation }: Acceptance, request: ReplayRequest) {
    const attributes = encodeItem(ReplayRequest, request)
    yield* table.append([{ key: replayKey(runKey(run), generation), attributes, expiresAt: yield* retention }])
  })

  return { accept, countReplay, rememberReplay }
}
