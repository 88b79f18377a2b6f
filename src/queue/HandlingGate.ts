/**
 * Lets one message be in hand alone. Ordinary batches are in hand side by side; a message that may be what the process dies of waits until
 * none of them is left, and then nothing else is in hand. First come, first served, so neither kind waits for ever.
 *
 * It has also to say whether work is in hand that goes before other work.
 */
import { Effect } from "effect"

interface Waiting {
  readonly alone: boolean
  readonly enter: () => void
}

/** The gate of one process. Every `enter` that succeeds needs one `leave`; one that is interrupted needs none. */
export class HandlingGate {
  /** How many are inside; -1 is one that is alone. */
  #inside = 0
  #waiting: Array<Waiting> = []
  /** How many batches are in hand, by how long their consumers linger. */
  readonly #inHand = new Map<number, number>()
  readonly #listeners = new Set<() => void>()

  /** Waits for its turn. */
  enter(alone: boolean): Effect.Effect<void> {
    return Effect.callback((resume) => {
      const waiting: Waiting = { alone, enter: () => resume(Effect.void) }
      this.#waiting.push(waiting)
      this.#admit()
      return Effect.sync(() => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting)
        this.#admit()
      })
    })
  }

  /** Makes room for others. */
  readonly leave: Effect.Effect<void> = Effect.sync(() => {
    this.#inside = this.#inside < 0 ? 0 : this.#inside - 1
    this.#admit()
  })

  /** Whether no batch is in hand that goes before those of a consumer that lingers for so many milliseconds. */
  isCalm(linger: number): boolean {
    return ![...this.#inHand].some(([other, batches]) => other < linger && batches > 0)
  }

  /** Waits until none is. */
  calm(linger: number): Effect.Effect<void> {
    return Effect.callback((resume) => {
      const look = () => {
        if (!this.isCalm(linger)) return
        this.#listeners.delete(look)
        resume(Effect.void)
      }
      this.#listeners.add(look)
      look()
      return Effect.sync(() => this.#listeners.delete(look))
    })
  }

  /** A batch is in hand from now on, of a consumer that lingers for so many milliseconds. */
  begin(linger: number): void {
    this.#inHand.set(linger, (this.#inHand.get(linger) ?? 0) + 1)
  }

  /** It is in hand no more. */
  end(linger: number): void {
    this.#inHand.set(linger, (this.#inHand.get(linger) ?? 0) - 1)
    for (const look of [...this.#listeners]) look()
  }

  #admit(): void {
    for (;;) {
      const [first] = this.#waiting
      if (first === undefined || this.#inside < 0 || (first.alone && this.#inside > 0)) return
      this.#waiting.shift()
      this.#inside = first.alone ? -1 : this.#inside + 1
      first.enter()
    }
  }
}
