/** What the queues gave up, for people: to look at, and to put back once the reason is mended. */
import { Context, Effect, Layer, Option, Schema } from "effect"
import type { DeadLetter, QueueError, WorkQueue } from "../ports/WorkQueue.ts"
import { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "./Queues.ts"

/** The queues, by the names that logs and commands use. */
export const QueueName = Schema.Literals(["plan", "order", "report", "fact"])
export type QueueName = typeof QueueName.Type

/** A dead letter of one of the queues. */
export interface QueuedLetter extends DeadLetter {
  readonly queue: QueueName
}

/** The dead letters of all queues. */
export class DeadLetters extends Context.Service<
  DeadLetters,
  {
    /** The newest of one queue or of all, newest first, at most `limit`. One read for each queue. */
    readonly list: (
      queue: QueueName | undefined,
      limit: number
    ) => Effect.Effect<ReadonlyArray<QueuedLetter>, QueueError>
    readonly show: (queue: QueueName, id: string) => Effect.Effect<Option.Option<QueuedLetter>, QueueError>
    /**
     * Puts one dead letter of a queue back as a new message, or all that there are, oldest first; gives how many. Logged with who asked.
     */
    readonly redrive: (queue: QueueName, id: string | "all", by: string) => Effect.Effect<number, QueueError>
  }
>()("dispatcher/flow/DeadLetters") {}

type Letters = Pick<WorkQueue<never>, "deadLetters" | "deadLetter" | "redrive">

/** As many as are put back in one go; what is put back and fails at once is not put back again. */
const most = 10_000

const make = (queues: Readonly<Record<QueueName, Letters>>): DeadLetters["Service"] => {
  const lettersOf = (queue: QueueName, limit: number) =>
    Effect.map(queues[queue].deadLetters(limit), (letters) => letters.map((letter) => ({ queue, ...letter })))
  return {
    list: (queue, limit) =>
      Effect.map(
        Effect.forEach(queue === undefined ? QueueName.literals : [queue], (name) => lettersOf(name, limit)),
        (letters) =>
          letters
            .flat()
            .toSorted((a, b) => b.diedAt - a.diedAt)
            .slice(0, limit)
      ),
    show: (queue, id) =>
      Effect.map(
        queues[queue].deadLetter(id),
        Option.map((letter) => ({ queue, ...letter }))
      ),
    redrive: Effect.fn("DeadLetters.redrive")(function* (queue, id, by) {
      const ids = id === "all" ? (yield* lettersOf(queue, most)).map((letter) => letter.id).reverse() : [id]
      let redriven = 0
      for (const each of ids) {
        if (!(yield* queues[queue].redrive(each))) continue
        redriven += 1
        yield* Effect.logInfo("dead letter put back").pipe(Effect.annotateLogs({ queue, id: each, by }))
      }
      return redriven
    })
  }
}

/** The dead letters of the four queues. */
export const layer: Layer.Layer<DeadLetters, never, PlanQueue | OrderQueue | ReportQueue | FactQueue> = Layer.effect(
  DeadLetters,
  Effect.gen(function* () {
    return make({
      plan: yield* PlanQueue,
      order: yield* OrderQueue,
      report: yield* ReportQueue,
      fact: yield* FactQueue
    })
  })
)
