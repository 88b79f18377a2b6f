/** Handlers of dead letters: a look into the queues. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { DeadLetters } from "../../flow/DeadLetters.ts"
import { Api } from "../Api.ts"
import { NoSuchDeadLetter } from "../api/Errors.ts"
import { unavailable } from "./Failing.ts"

/** The queue has none with the id. */
export const noSuchLetter = () => new NoSuchDeadLetter({ message: "the queue has no dead letter with this id" })

export const layer = HttpApiBuilder.group(
  Api,
  "deadLetters",
  Effect.fnUntraced(function* (handlers) {
    const deadLetters = yield* DeadLetters
    return handlers.handleAll({
      deadLetters: ({ query: { queue, limit = 50 } }) =>
        deadLetters.list(queue, limit).pipe(
          Effect.map((letters) => ({ letters })),
          Effect.catchTag("QueueError", unavailable)
        ),
      deadLetter: ({ params: { queue, id } }) =>
        deadLetters.show(queue, id).pipe(
          Effect.catchTag("QueueError", unavailable),
          Effect.flatMap((letter) => Effect.mapError(Effect.fromOption(letter), noSuchLetter))
        )
    })
  })
)
