/**
 * How many deliveries arrive, so that stages of the same process step back while GitHub sends a flood: a delivery that is not answered in time
 * is lost until it is redelivered, a message in a queue only waits.
 */
import { Context } from "effect"

/** Deliveries within {@link window} milliseconds from which on there is a flood: 200 a second. */
const flood = 20
const window = 100
/**
 * How long a flood lasts at most after the last sign of it, in milliseconds. Work that was taken up before holds up the next deliveries, so
 * that fewer of them arrive; without this the stages would take that for the end of the flood and keep the deliveries out.
 */
const lasting = 1000
/** For how many milliseconds the process has had nothing to do, and nothing arrived, when a flood is over before that. */
const idleAfter = 100
/** Messages that all stages together take a second during a flood; each costs a process a few milliseconds. */
const messagesInFlood = 50
/** Most messages of a batch during a flood: as long as they last, no delivery is answered. */
const batchInFlood = 5

/** The deliveries of one process. Times are `steadyMillis`. */
export class Traffic {
  readonly #idleMillis: () => number
  #recent: Array<number> = []
  #lastSign: number | undefined
  /** What `idleMillis` was with the last arrival. */
  #idleBefore = 0
  #nextTake = 0

  /** `idleMillis`: how long the process has had nothing to do, altogether; where that is not known, floods end by time alone. */
  constructor(idleMillis: () => number = () => 0) {
    this.#idleMillis = idleMillis
  }

  /** A delivery has arrived. */
  arrived(now: number): void {
    this.#idleBefore = this.#idleMillis()
    if (this.#recent.push(now) > flood) this.#recent.shift()
    const [first] = this.#recent
    // A clock that goes back is no flood.
    const isSign = this.#recent.length === flood && first !== undefined && now >= first && now - first <= window
    if (isSign) this.#lastSign = now
  }

  /** Whether there is a flood. */
  isFlood(now: number): boolean {
    if (this.#lastSign === undefined || now < this.#lastSign || now - this.#lastSign > lasting) return false
    return this.#idleMillis() - this.#idleBefore < idleAfter
  }

  /** How long stages wait before they take more, in milliseconds. */
  pause(now: number): number {
    return this.isFlood(now) ? Math.max(0, this.#nextTake - now) : 0
  }

  /** Most messages to take now, of a batch of so many. */
  batch(now: number, size: number): number {
    return this.isFlood(now) ? Math.min(size, batchInFlood) : size
  }

  /** So many messages were taken. */
  took(now: number, messages: number): void {
    this.#nextTake = Math.max(now, this.#nextTake) + (messages * 1000) / messagesInFlood
    if (!this.isFlood(now)) this.#nextTake = now
  }
}

/** The traffic of this process: one for all servers and queues in it. */
export const ProcessTraffic = Context.Reference<Traffic>("dispatcher/queue/Traffic", {
  defaultValue: () => new Traffic()
})
