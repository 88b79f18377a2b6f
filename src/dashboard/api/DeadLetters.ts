/** Dead letters: what the queues gave up, as the queues themselves hold it. How many there are is part of `/health`. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { QueueName } from "../../flow/DeadLetters.ts"
import { NoSuchDeadLetter, StoreUnavailable } from "./Errors.ts"
import { whole } from "./Fields.ts"
import { Authorization, Parameters } from "./Middleware.ts"

/** A message that a queue gave up. */
const Letter = Schema.Struct({
  queue: QueueName,
  id: Schema.String,
  /** As it was stored; it may be what no schema understands. */
  body: Schema.Unknown,
  reason: Schema.String,
  /** How often it was tried. */
  attempts: Schema.Int,
  /** When it was given up, milliseconds since the epoch. */
  diedAt: Schema.Finite
})

/** What the queues gave up. */
export class DeadLettersApi extends HttpApiGroup.make("deadLetters")
  .add(
    HttpApiEndpoint.get("deadLetters", "/dead-letters", {
      query: { queue: Schema.optionalKey(QueueName), limit: Schema.optionalKey(whole(1, 200)) },
      success: Schema.Struct({ letters: Schema.Array(Letter) }),
      error: [StoreUnavailable]
    }).annotate(OpenApi.Summary, "What the queues gave up, newest first"),
    HttpApiEndpoint.get("deadLetter", "/dead-letters/:queue/:id", {
      params: { queue: QueueName, id: Schema.NonEmptyString },
      success: Letter,
      error: [NoSuchDeadLetter, StoreUnavailable]
    }).annotate(OpenApi.Summary, "One dead letter")
  )
  .annotate(OpenApi.Description, "A look into the queues' dead letters, at most 200 of each queue.")
  .middleware(Parameters)
  .middleware(Authorization) {}
