/**
 * The messages of the fact queue: facts that were published together, which travel, wait and are recorded together.
 *
 * An earlier version, which expects one fact, takes such a message for a fact of a type that it does not know, and leaves it waiting. What that version has
 * sent, or an archive has kept, is one fact as it is; it is read as a message that holds nothing else.
 */
import { Predicate, Schema, SchemaTransformation } from "effect"
import { Fact, isNewerFact } from "../domain/Fact.ts"
import { packed } from "../domain/Packing.ts"

const type = "dispatch.facts"

const FactBatch = Schema.Struct({
  source: Schema.Literal("dispatcher"),
  type: Schema.Literal(type),
  /** The trace in which they were published, which reaches Record in no other way where a bus is between. */
  traceparent: Schema.optionalKey(Schema.String),
  facts: Schema.NonEmptyArray(Fact)
})
/** Facts on their way to Record. */
export interface FactMessage extends Schema.Schema.Type<typeof FactBatch> {}

const isBatch = (message: unknown): boolean => Predicate.hasProperty(message, "type") && message.type === type

/** Messages in both forms; written in the present one. */
export const FactMessage: Schema.Codec<FactMessage, unknown> = Schema.Unknown.pipe(
  Schema.decodeTo(
    FactBatch,
    SchemaTransformation.transform({
      // Whether it is one, `FactBatch` finds out.
      decode: (message) =>
        (isBatch(message)
          ? message
          : {
              source: "dispatcher",
              type,
              ...(Predicate.hasProperty(message, "traceparent") ? { traceparent: message.traceparent } : {}),
              facts: [message]
            }) as typeof FactBatch.Encoded,
      encode: (message): unknown => message
    })
  )
)

/** Whether only a newer version knows the type of one of a message's facts, or of the message. */
export const isNewerFactMessage = (message: unknown): boolean => {
  if (!isBatch(message)) return isNewerFact(message)
  return Predicate.hasProperty(message, "facts") && Array.isArray(message.facts) && message.facts.some(isNewerFact)
}

const encoder = new TextEncoder()
/** The size of a fact as JSON, in UTF-8. */
export const bytesOf = (fact: Fact): number => encoder.encode(JSON.stringify(fact)).length

/**
 * What a message holds. With what an event bus puts around it, it stays below 64 KB, of which AWS bills each as an event and as a message
 * (https://aws.amazon.com/eventbridge/pricing/, https://aws.amazon.com/sqs/pricing/). A larger fact is alone in its message.
 */
const limits = { entries: Number.POSITIVE_INFINITY, bytes: 62_000 }

/** Facts that are published together, in their order, in as few messages as hold them: mostly one. */
export const factMessages = (
  facts: ReadonlyArray<Fact>,
  traceparent?: string | undefined
): ReadonlyArray<FactMessage> =>
  packed(facts, (fact) => bytesOf(fact) + 1, limits).map((some) => ({
    source: "dispatcher",
    type,
    ...(traceparent === undefined ? {} : { traceparent }),
    facts: some as FactMessage["facts"]
  }))
