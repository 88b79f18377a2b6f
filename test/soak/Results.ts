/** Brings the results of started runs to the service, as GitHub and those who watch it do: what got no 2xx is sent again, and some come twice. */
import { Effect, Schema } from "effect"
import type { Delivery, Sandbox } from "../../src/sandbox/Sandbox.ts"
import type { Chance } from "./Chance.ts"

/** An attempt of a started run that GitHub has completed. */
export interface Ended {
  readonly runId: number
  readonly attempt: number
  readonly conclusion: string | null
}

interface Parcel {
  readonly ended: Ended
  readonly delivery: Delivery
  isTaken: boolean
  isRepeated: boolean
}

const readRun = Schema.decodeUnknownSync(
  Schema.fromJsonString(
    Schema.Struct({
      workflow_run: Schema.Struct({
        id: Schema.Int,
        run_attempt: Schema.Int,
        event: Schema.String,
        conclusion: Schema.NullOr(Schema.String)
      })
    })
  )
)

/** The attempt of a started run that a delivery is about; undefined where it is about a run of a source. */
const endedOf = ({ payload }: Delivery): Ended | undefined => {
  const { id: runId, run_attempt: attempt, event, conclusion } = readRun(payload).workflow_run
  return event === "workflow_dispatch" ? { runId, attempt, conclusion } : undefined
}

/** Watches the deliveries of a sandbox. `ended` is all that GitHub has completed, `isOver` whether the service has taken all of it. */
export const watchResults = (sandbox: Sandbox["Service"], chance: Chance) => {
  const parcels = new Map<string, Parcel | undefined>()
  let seen = 0

  const look = Effect.map(sandbox.deliveries, (all) => {
    for (const delivery of all.slice(seen)) {
      const { guid, statusCode } = delivery
      if (!parcels.has(guid)) {
        const ended = endedOf(delivery)
        parcels.set(guid, ended && { ended, delivery, isTaken: false, isRepeated: false })
      }
      const parcel = parcels.get(guid)
      if (parcel !== undefined) parcel.isTaken ||= statusCode === 202
    }
    seen = all.length
    return [...parcels.values()].filter((parcel) => parcel !== undefined)
  })

  const isWanted = (parcel: Parcel): boolean =>
    !parcel.isTaken || (!parcel.isRepeated && chance("result twice", parcel.delivery.guid) < 0.1)
  const sendAgain = Effect.gen(function* () {
    const wanted = (yield* look).filter(isWanted)
    for (const parcel of wanted) {
      parcel.isRepeated ||= parcel.isTaken
      yield* sandbox.redeliver(parcel.delivery)
    }
    yield* Effect.sleep("500 millis")
  })

  return {
    deliver: Effect.forever(sendAgain),
    ended: Effect.map(look, (all): ReadonlyArray<Ended> => all.map(({ ended }) => ended)),
    isOver: Effect.map(look, (all) => all.every(({ isTaken }) => isTaken))
  }
}
