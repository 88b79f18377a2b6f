/** A store in memory, for queues of tests. Every operation is one step, so nothing can come between. */
import { Effect, Option } from "effect"
import type { DeadLetter } from "../ports/WorkQueue.ts"
import {
  ArrivalSignal,
  ageSeconds,
  type LeasedMessage,
  type MessageLease,
  mostUnanswered,
  type NewMessage,
  type QueueStore,
  type Settlement,
  type StoredMessage,
  type TakeOptions
} from "./QueueStore.ts"

interface Message extends StoredMessage {
  readonly id: string
  readonly order: number
  readonly group: string | undefined
  readonly offeredAt: number
  visibleAt: number
  attempt: number
  handout: number
  unanswered: number
  /** Whether it was handed out and not settled since. */
  leased: boolean
}

/** A dead letter, and what it was. */
interface Buried {
  readonly letter: DeadLetter
  readonly message: Message
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

/** The messages that may be taken when they become visible. */
class Turns {
  readonly #agenda = new Agenda()
  readonly #isDue: (appointment: Appointment) => boolean
  constructor(isDue: (appointment: Appointment) => boolean) {
    this.#isDue = isDue
  }
  add(message: Message): void {
    this.#agenda.add({ at: message.visibleAt, message })
  }
  /** The message that is visible first, without appointments that were replaced. */
  get first(): Message | undefined {
    for (;;) {
      const appointment = this.#agenda.first
      if (appointment === undefined || this.#isDue(appointment)) return appointment?.message
      this.#agenda.removeFirst()
    }
  }
}

const isSuspect = ({ unanswered }: Message): boolean => unanswered >= mostUnanswered
const earliest = (moments: ReadonlyArray<number>): number | undefined =>
  moments.length === 0 ? undefined : moments.reduce((least, at) => Math.min(least, at))

/** Keeps one queue's messages for as long as it is referred to. */
export const makeMemoryStore = (): QueueStore => {
  const messages = new Map<string, Message>()
  const groups = new Map<string, Set<Message>>()
  const isDue = ({ at, message }: Appointment) => messages.get(message.id) === message && message.visibleAt === at
  const ordinary = new Turns((each) => isDue(each) && !isSuspect(each.message))
  const suspect = new Turns((each) => isDue(each) && isSuspect(each.message))
  const dead: Array<Buried> = []
  const arrivals = new ArrivalSignal()
  let offered = 0

  const headOf = (group: string): Message | undefined => groups.get(group)?.values().next().value
  const held = ({ id, handout }: MessageLease) => {
    const message = messages.get(id)
    return message?.leased === true && message.handout === handout ? message : undefined
  }
  /** A message behind the head of its group gets no turn; it gets one when it becomes the head. */
  const showAt = (message: Message, at: number) => {
    message.visibleAt = at
    if (message.group !== undefined && headOf(message.group) !== message) return
    const turns = isSuspect(message) ? suspect : ordinary
    turns.add(message)
  }
  const add = ({ body, traceparent, group, wait }: NewMessage, now: number) => {
    const order = ++offered
    const counts = { attempt: 1, handout: 0, unanswered: 0 }
    const visibleAt = now + wait
    const message = {
      id: String(order),
      order,
      body,
      traceparent,
      group,
      offeredAt: now,
      ...counts,
      visibleAt,
      leased: false
    }
    messages.set(message.id, message)
    if (group !== undefined) groups.set(group, (groups.get(group) ?? new Set()).add(message))
    showAt(message, visibleAt)
  }
  /** Frees the next of its group. */
  const remove = (message: Message) => {
    messages.delete(message.id)
    if (message.group === undefined) return
    const others = groups.get(message.group)
    others?.delete(message)
    const next = headOf(message.group)
    if (next === undefined) groups.delete(message.group)
    else showAt(next, next.visibleAt)
  }
  const areSuspects = (now: number) => suspect.first !== undefined && suspect.first.visibleAt <= now
  const take = ({ limit, now, lease, alone, linger = 0 }: TakeOptions) => {
    const turns = alone ? suspect : ordinary
    const since = turns.first?.visibleAt
    if (since !== undefined && since <= now && since + linger > now)
      return { messages: [], next: since + linger, suspects: areSuspects(now), gathers: true }
    const taken: Array<LeasedMessage> = []
    for (
      let next = turns.first;
      next !== undefined && next.visibleAt <= now && taken.length < limit;
      next = turns.first
    ) {
      next.handout += 1
      next.leased = true
      const { id, body, traceparent, attempt, handout, unanswered, offeredAt } = next
      taken.push({ id, body, traceparent, attempt, handout, unanswered, offeredAt })
      next.unanswered += 1
      showAt(next, now + lease)
    }
    const next = earliest(
      [ordinary.first, suspect.first].flatMap((each) => (each === undefined ? [] : [each.visibleAt]))
    )
    return { messages: taken, next, suspects: areSuspects(now) }
  }
  const settle = (settlement: Settlement, now: number) => {
    const message = held(settlement)
    if (message === undefined) return
    if (settlement._tag === "Retry") {
      message.leased = false
      message.attempt += 1
      message.unanswered = 0
      return showAt(message, now + settlement.wait)
    }
    remove(message)
    if (settlement._tag === "Dead") {
      const { id, reason, attempts } = settlement
      dead.push({ letter: { id, body: JSON.parse(message.body), reason, attempts, diedAt: now }, message })
    }
  }
  const redrive = (id: string, now: number): boolean => {
    const index = dead.findIndex(({ letter }) => letter.id === id)
    const [buried] = index < 0 ? [] : dead.splice(index, 1)
    if (buried === undefined) return false
    add({ ...buried.message, wait: 0, deduplication: undefined }, now)
    arrivals.ring()
    return true
  }
  const letters = () => dead.map(({ letter }) => letter)

  return {
    arrivals,
    add: (added, now) =>
      Effect.sync(() => {
        for (const each of added) add(each, now)
        arrivals.ring()
      }),
    take: (look) => Effect.sync(() => take(look)),
    settle: (settlements, now) =>
      Effect.sync(() => {
        for (const settlement of settlements) settle(settlement, now)
        arrivals.ring()
      }),
    renew: (leases, now, lease) =>
      Effect.sync(() => {
        for (const each of leases) {
          const message = held(each)
          if (message !== undefined) showAt(message, now + lease)
        }
      }),
    deadLetters: (limit) => Effect.sync(() => letters().slice(-limit).reverse()),
    deadLetter: (id) => Effect.sync(() => Option.fromNullishOr(letters().find((letter) => letter.id === id))),
    redrive: (id, now) => Effect.sync(() => redrive(id, now)),
    depth: (now) =>
      Effect.sync(() => {
        const all = [...messages.values()]
        const inFlight = all.filter(({ leased, visibleAt }) => leased && visibleAt > now).length
        const oldest = ageSeconds(earliest(all.map(({ offeredAt }) => offeredAt)), now)
        return { waiting: all.length - inFlight, inFlight, dead: dead.length, oldest }
      })
  }
}
