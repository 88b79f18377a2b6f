/** What the contract suite of a WorkQueue needs of the queue that it holds to the contract. */
import { Context, type Duration, type Effect, Schema } from "effect"
import type { QueueError, WorkQueue } from "../../ports/WorkQueue.ts"

/** What the suite puts into the queue. */
export const Job = Schema.Struct({
  name: Schema.String,
  note: Schema.optionalKey(Schema.String),
  /** The group that the queue must put it in, if that has groups. */
  group: Schema.optionalKey(Schema.String)
})
export type Job = typeof Job.Type
/** The group of a job. */
export const groupOfJob = ({ group }: Job): string | undefined => group

/** What a queue can do that not every storage has; the suite asks for nothing else of those that cannot. */
export interface QueueAbilities {
  /** It has groups, by {@link groupOfJob}. */
  readonly groups: boolean
  /** It counts verdicts, not hand-outs, and so finds out which message a process dies of. */
  readonly countsVerdicts: boolean
  /** Single messages can be offered with a delay. */
  readonly delays: boolean
  /** It has the age of its oldest message. */
  readonly ages: boolean
}

/** A queue that starts empty, and what only a test may do to it. */
export class QueueUnderTest extends Context.Service<
  QueueUnderTest,
  {
    readonly queue: WorkQueue<Job>
    readonly can: QueueAbilities
    /** How old a message may become: at least 5 seconds, and as short as may be. */
    readonly maxAge: Duration.Duration
    /** How long a lease is that is not renewed: at least 2 seconds, and as short as may be. */
    readonly lease: Duration.Duration
    /** Stores a message that need not be a Job, as another version of the program might. */
    readonly offerForeign: (body: Schema.Json) => Effect.Effect<void, QueueError>
    /** Takes one message, as a process does that dies at once; nothing happens where none is visible. */
    readonly loseOne: Effect.Effect<void, QueueError>
  }
>()("dispatcher/testing/contracts/QueueUnderTest") {}
