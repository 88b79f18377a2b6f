/**
 * The fact bus on EventBridge. The facts of a call travel together, as the detail of one event where they fit into what is billed as one; a rule puts it into
 * the fact queue, from where the recorder reads it (`SqsQueue.ts`). Publishing again is harmless, so whatever may have failed is published again.
 */
import { PutEventsCommand, type PutEventsRequestEntry, type PutEventsResultEntry } from "@aws-sdk/client-eventbridge"
import { Config, Effect, Layer } from "effect"
import type { Fact } from "../../../domain/Fact.ts"
import { packed } from "../../../domain/Packing.ts"
import { factMessages } from "../../../flow/FactMessages.ts"
import { FactBus, FactBusError } from "../../../ports/FactBus.ts"
import { currentTraceparent } from "../../../queue/TraceContext.ts"
import { asOneCall, failureOfEntry } from "../AwsCall.ts"
import { busVariable } from "../AwsResources.ts"
import { callWithEntries, type FailedEntry } from "../Batches.ts"
import { xrayHeader } from "../sqs/XRayHeader.ts"
import { EventBridgeClient } from "./EventBridgeClient.ts"
import { fittedFact } from "./FactSizes.ts"

/**
 * 10 entries and 256 KB per request: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html. The event that
 * arrives in the fact queue is larger than its entry, and must fit into a message.
 */
const limits = { entries: 10, bytes: 250_000 }
/** @internal */
export const maxFactBytes = 240_000

/** The size of an entry as EventBridge counts it. */
const bytesOf = ({ Source = "", DetailType = "", Detail = "" }: PutEventsRequestEntry): number =>
  Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail)

/** EventBridge answers entry by entry, in the order of the request. */
const failed = (
  entries: ReadonlyArray<PutEventsRequestEntry>,
  answers: ReadonlyArray<PutEventsResultEntry> = []
): ReadonlyArray<FailedEntry<PutEventsRequestEntry>> =>
  entries.flatMap((entry, index) => {
    const { ErrorCode: code, ErrorMessage: detail = "" } = answers[index] ?? {}
    return code === undefined
      ? []
      : [{ entry, code, detail, failure: failureOfEntry(code, !/^(Internal|ServiceUnavailable)/.test(code)) }]
  })

const make = Effect.gen(function* () {
  const client = yield* EventBridgeClient
  const bus = yield* Config.NonEmptyString(busVariable)

  const putEvents = {
    operation: "EventBridge.PutEvents",
    send: async (entries: ReadonlyArray<PutEventsRequestEntry>, abortSignal: AbortSignal) => {
      const { Entries } = await client.send(new PutEventsCommand({ Entries: [...entries] }), { abortSignal })
      return failed(entries, Entries)
    }
  }
  const publish = Effect.fnUntraced(function* (facts: ReadonlyArray<Fact>) {
    const trace = yield* currentTraceparent
    const fitted = facts.map((fact) => fittedFact(fact, maxFactBytes))
    const entries = factMessages(fitted, trace).map(
      (message): PutEventsRequestEntry => ({
        EventBusName: bus,
        Source: message.source,
        DetailType: message.type,
        Detail: JSON.stringify(message),
        ...(trace === undefined ? {} : { TraceHeader: xrayHeader(trace) })
      })
    )
    const refused = yield* Effect.forEach(
      packed(entries, bytesOf, limits),
      (batch) => callWithEntries(putEvents, batch),
      {
        concurrency: 4
      }
    ).pipe(Effect.mapError(({ message }) => new FactBusError({ message })))
    const [first] = refused.flat()
    if (first !== undefined) {
      return yield* new FactBusError({ message: `EventBridge refuses facts: ${first.code}: ${first.detail}` })
    }
  }, asOneCall)
  return FactBus.of({ publish })
})

/** The bus that `EVENT_BUS_NAME` names. */
export const layer: Layer.Layer<FactBus, Config.ConfigError, EventBridgeClient> = Layer.effect(FactBus, make)
