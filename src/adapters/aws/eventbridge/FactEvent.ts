/** A fact as a message of the fact queue: within the event that EventBridge puts there, or as it is. */
import { Schema, SchemaTransformation } from "effect"
import { Fact, isNewerFact } from "../../../domain/Fact.ts"

/** The rest of an event (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html) says nothing that the fact does not. */
const detailOf = (message: unknown): unknown =>
  typeof message === "object" && message !== null && "detail" in message ? message.detail : message

/** Reads both; writes the fact as it is. */
export const FactMessage: Schema.Codec<Fact, unknown> = Schema.Unknown.pipe(
  Schema.decodeTo(
    Fact,
    SchemaTransformation.transform({
      // Whether it is one, `Fact` finds out.
      decode: (message) => detailOf(message) as typeof Fact.Encoded,
      encode: (fact): unknown => fact
    })
  )
)

/** Whether a message holds a fact of a type that only a newer version knows. */
export const isNewerFactMessage = (message: unknown): boolean => isNewerFact(detailOf(message))
