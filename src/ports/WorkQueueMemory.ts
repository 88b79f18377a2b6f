/** Queues in memory: for tests, and for a server that may forget. Every operation is one step, so nothing can come between. */
import { Effect, type Layer, type Schema } from "effect"
import type { DeadLetter, FactQueue, OrderQueue, PlanQueue, WorkQueue } from "./WorkQueue.ts"
import { fromStore, layerFromStores } from "./WorkQueueFromStore.ts"
import {
  Doorbell,
  type Lease,
  type QueueOptions,
  type QueueStore,
  type Settlement,
  type Stored,
  type Taken
} from "./WorkQueueStore.ts"

interface Message extends Stored {
  readonly id: string
  readonly order: number
  visibleAt: number
  attempt: number
  /** Whether it was handed out and not settled since. */
  leased: boolean
}

/** When a message becomes visible. It holds only while the message still says so; a later one replaces it. */
interface Appointment {
  readonly at: number
  readonly message: Message
}

/** Appointments, earliest first, and of one moment in the order of the offers: a binary heap. */
class Agenda {
  readonly #heap: Array<Appointment> = []

  get first(): Appointment | undefined {
    return this.#heap[0]
  }

  add(appointment: Appointment): void {
    let index = this.#heap.push(appointment) - 1
    while (index > 0) {
      const parent = (index - 1) >>> 1
      if (!this.#swapIfEarlier(index, parent)) return
      index = parent
    }
  }

  removeFirst(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const child = this.#isEarlier(left + 1, left) ? left + 1 : left
      if (!this.#swapIfEarlier(child, index)) return
      index = child
    }
  }

  #isEarlier(index: number, other: number): boolean {
    const [a, b] = [this.#heap[index], this.#heap[other]]
    if (a === undefined || b === undefined) return false
    return a.at === b.at ? a.message.order < b.message.order : a.at < b.at
  }

  #swapIfEarlier(index: number, other: number): boolean {
    const [a, b] = [this.#heap[index], this.#heap[other]]
    if (a === undefined || b === undefined || !this.#isEarlier(index, other)) return false
    this.#heap[index] = b
    this.#heap[other] = a
    return true
  }
}

/** Keeps one queue's messages for as long as somebody refers to it. */
export const makeStore = (): QueueStore => {
  const messages = new Map<string, Message>()
  const agenda = new Agenda()
  const dead: Array<DeadLetter> = []
  const doorbell = new Doorbell()
  let offered = 0

  const held = ({ id, attempt }: Lease) => {
    const message = messages.get(id)
    return message?.leased === true && message.attempt === attempt ? message : undefined
  }
  const showAt = (message: Message, at: number) => {
    message.visibleAt = at
    agenda.add({ at, message })
  }
  /** The message that is visible first, without appointments that were replaced. */
  const first = (): Message | undefined => {
    for (;;) {
      const appointment = agenda.first
      if (appointment === undefined) return undefined
      const { at, message } = appointment
      if (messages.get(message.id) === message && message.visibleAt === at) return message
      agenda.removeFirst()
    }
  }
  const take = (limit: number, now: number, leaseEnd: number) => {
    const taken: Array<Taken> = []
    let next = first()
    while (next !== undefined && next.visibleAt <= now && taken.length < limit) {
      agenda.removeFirst()
      next.attempt += 1
      next.leased = true
      taken.push({ id: next.id, body: next.body, traceparent: next.traceparent, attempt: next.attempt })
      showAt(next, leaseEnd)
      next = first()
    }
    return { messages: taken, next: next?.visibleAt }
  }
  const settle = (settlement: Settlement) => {
    const message = held(settlement)
    if (message === undefined) return
    if (settlement._tag === "Retry") {
      message.leased = false
      return showAt(message, settlement.visibleAt)
    }
    messages.delete(message.id)
    if (settlement._tag === "Dead") {
      const { id, reason, attempts } = settlement
      dead.push({ id, body: JSON.parse(message.body), reason, attempts })
    }
  }

  return {
    doorbell,
    add: (added) =>
      Effect.sync(() => {
        for (const stored of added) {
          const order = ++offered
          const message: Message = { ...stored, id: String(order), order, attempt: 0, leased: false }
          messages.set(message.id, message)
          showAt(message, stored.visibleAt)
        }
        doorbell.ring()
      }),
    take: ({ limit, now, leaseEnd }) => Effect.sync(() => take(limit, now, leaseEnd)),
    settle: (settlements) =>
      Effect.sync(() => {
        for (const settlement of settlements) settle(settlement)
        doorbell.ring()
      }),
    renew: (leases, leaseEnd) =>
      Effect.sync(() => {
        for (const lease of leases) {
          const message = held(lease)
          if (message !== undefined) showAt(message, leaseEnd)
        }
      }),
    deadLetters: (limit) => Effect.sync(() => dead.slice(-limit).reverse()),
    depth: (now) =>
      Effect.sync(() => {
        const all = [...messages.values()]
        const inFlight = all.filter(({ leased, visibleAt }) => leased && visibleAt > now).length
        return { waiting: all.length - inFlight, inFlight, dead: dead.length }
      })
  }
}

/** A queue of what `schema` describes, with a store of its own. */
export const makeMemory = <A>(
  name: string,
  schema: Schema.Codec<A, unknown>,
  options?: QueueOptions
): Effect.Effect<WorkQueue<A>> => Effect.sync(() => fromStore(name, schema, makeStore(), options))

/** Queues that forget when their scope closes. */
export const layerMemory: Layer.Layer<PlanQueue | OrderQueue | FactQueue> = layerFromStores(() =>
  Effect.sync(makeStore)
)
