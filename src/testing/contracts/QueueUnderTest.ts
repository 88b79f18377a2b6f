/** What the contract suite of a WorkQueue is told of the queue that it holds to the contract. */
import { Context, type Duration, type Effect, Schema } from "effect"
import type { QueueError, WorkQueue } from "../../ports/WorkQueue.ts"

/** What the suite puts into the queue. */
export const Job = Schema.Struct({ name: Schema.String, note: Schema.optionalKey(Schema.String) })
export type Job = typeof Job.Type

/** A queue that starts empty, and what only a test may do to it. */
export class QueueUnderTest extends Context.Service<
  QueueUnderTest,
  {
    readonly queue: WorkQueue<Job>
    /** How often the queue hands out a message: at least 3, and as few as may be. */
    readonly maxAttempts: number
    /** How long a lease is that nobody renews: at least 2 seconds, and as short as may be. */
    readonly lease: Duration.Duration
    /** Stores a message that need not be a Job, as another version of the program might. */
    readonly offerForeign: (body: Schema.Json) => Effect.Effect<void, QueueError>
    /** Takes one message, as a process does that dies at once; nothing happens where none is visible. */
    readonly loseOne: Effect.Effect<void, QueueError>
  }
>()("dispatcher/testing/contracts/QueueUnderTest") {}
