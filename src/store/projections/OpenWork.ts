/**
 * Open work: deliveries that were accepted (or asked to be replayed) but not planned, and orders that were queued but did not end.
 *
 * A fact puts the item, a later one deletes it. Facts may come in the wrong order, and then the item stays behind; the rollup finds it
 * out in the journey and deletes it (`Backlog.ts`).
 */
import { targetLabel } from "../../domain/EventRow.ts"
import type { Fact, FactType } from "../../domain/Fact.ts"
import { keyText } from "../../domain/KeyText.ts"
import { targetKey } from "../../domain/Order.ts"
import type { StalledWork } from "../../domain/Views.ts"
import type { Key, Write } from "../../ports/Table.ts"
import { eventExpiry } from "../EventLog.ts"
import { runOf } from "../events/Keys.ts"
import type { Recording } from "../FactWrites.ts"
import { asAttributes, type OpenItem } from "./Items.ts"
import { openKey } from "./Keys.ts"

type Kind = StalledWork["kind"]

/** What a type of fact does to open work. */
interface Effects {
  readonly kind: Kind
  readonly does: "opens" | "closes"
}
const effects: { readonly [type in FactType]?: Effects } = {
  "dispatch.request.accepted": { kind: "unplanned", does: "opens" },
  "dispatch.replay.requested": { kind: "unplanned", does: "opens" },
  "dispatch.request.ignored": { kind: "unplanned", does: "closes" },
  "dispatch.config.invalid": { kind: "unplanned", does: "closes" },
  "dispatch.config.unreachable": { kind: "unplanned", does: "closes" },
  "dispatch.plan.created": { kind: "unplanned", does: "closes" },
  "dispatch.target.queued": { kind: "unsettled", does: "opens" },
  "dispatch.trigger.succeeded": { kind: "unsettled", does: "closes" },
  "dispatch.trigger.failed": { kind: "unsettled", does: "closes" },
  "dispatch.trigger.withdrawn": { kind: "unsettled", does: "closes" },
  "dispatch.trigger.unknown": { kind: "unsettled", does: "closes" }
}

/** Whether a fact of the journey ends the work: in the generation in which it was opened, or in a later one. */
export const ends = (fact: Fact, work: OpenItem): boolean => {
  const effect = effects[fact.type]
  if (effect?.does !== "closes" || effect.kind !== work.kind || fact.data.generation < work.generation) return false
  return work.targetKey === null || ("target" in fact.data && targetKey(fact.data.target) === work.targetKey)
}

const keyOf = ({ fact, acceptedAt }: Recording, kind: Kind): Key => {
  const run = runOf(fact)
  const work = "target" in fact.data ? `${run}/${keyText(targetKey(fact.data.target))}` : run
  return openKey(kind, acceptedAt, work, fact.data.generation)
}

const openItem = ({ fact, time }: Recording, kind: Kind): OpenItem => ({
  kind,
  deliveryId: fact.data.deliveryId,
  source: fact.data.sourceRepository,
  workflow: fact.data.sourceWorkflow,
  target: "target" in fact.data ? targetLabel(fact.data.target) : null,
  since: time,
  run: runOf(fact),
  targetKey: "target" in fact.data ? targetKey(fact.data.target) : null,
  generation: fact.data.generation
})

/** Opens or closes work, if the fact does. */
export const openWrites = (recording: Recording): ReadonlyArray<Write> => {
  const effect = effects[recording.fact.type]
  if (effect === undefined) return []
  const { kind, does } = effect
  const key = keyOf(recording, kind)
  if (does === "closes") return [{ _tag: "Delete", key }]
  const attributes = asAttributes(openItem(recording, kind))
  return [{ _tag: "Put", key, attributes, expiresAt: eventExpiry(recording) }]
}
