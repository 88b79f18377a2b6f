/** What an invocation does, counted, and how long that takes: a stated time for each call, and the processor's time as measured. */
import { Context, Effect, Logger } from "effect"

/** What an invocation of a function does. */
export interface Work {
  /** Calls of the table: single ones, and transactions. */
  table: number
  transactions: number
  /** Calls of a queue or of the bus. */
  sends: number
  /** Requests to GitHub, by kind. */
  rest: number
  dispatches: number
  graphql: number
  /** Bytes of their bodies. */
  sentBytes: number
  /** Of a whole processor of the machine that the bench runs on. */
  cpuMillis: number
  loggedBytes: number
}

/** Nothing done so far. */
export const noWork = (): Work => ({
  ...{ table: 0, transactions: 0, sends: 0, rest: 0, dispatches: 0, graphql: 0 },
  ...{ sentBytes: 0, cpuMillis: 0, loggedBytes: 0 }
})

/** The invocation that a fiber works for. What belongs to none is counted nowhere. */
export const Invocation = Context.Reference<Work>("dispatcher/bench/cost/Invocation", { defaultValue: noWork })

/** Counts something for the present invocation. */
export const did = (add: (work: Work) => void): Effect.Effect<void> => Effect.map(Invocation, add)

/** Lambda's runtime puts a time, the request's id and a level in front of each line that goes through `console`. */
const lineStart = 68
/** Counts the lines of the log for the invocation that writes them. */
export const layerLog = Logger.layer([
  Logger.make<unknown, void>((options) => {
    const work = options.fiber.getRef(Invocation)
    work.loggedBytes += lineStart + Buffer.byteLength(Logger.formatJson.log(options))
  })
])

/** Work as an invocation of its own, whose counts come with it. The processor's time is that of the process: nothing else is to be at work. */
export const invoked = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const counts = noWork()
    const before = process.cpuUsage()
    return Effect.map(Effect.provideService(work, Invocation, counts), (answer) => {
      const { user, system } = process.cpuUsage(before)
      counts.cpuMillis = (user + system) / 1000
      return { counts, answer }
    })
  })

/** The middle of what some invocations took of the processor, and the mean of all else. */
export const typicalOf = (all: ReadonlyArray<Work>): Work => {
  const mean = noWork()
  for (const name of Object.keys(mean) as ReadonlyArray<keyof Work>)
    mean[name] = all.reduce((sum, work) => sum + work[name], 0) / Math.max(1, all.length)
  const sorted = all.map(({ cpuMillis }) => cpuMillis).sort((a, b) => a - b)
  return { ...mean, cpuMillis: sorted[Math.floor(sorted.length / 2)] ?? 0 }
}

/**
 * Milliseconds of one call with 512 MB, with what the client takes for it. Assumed, for want of an account to measure in: AWS says that DynamoDB answers in
 * single-digit milliseconds, and a transaction takes two rounds; of GitHub, a quarter of a second over a warm connection, and more where it starts something or
 * resolves a query. Calls go one after the other here: an upper bound, since some go side by side.
 */
export const callMillis = {
  table: 6,
  transactions: 12,
  sends: 12,
  rest: 250,
  dispatches: 400,
  graphql: 400
} as const
type Called = keyof typeof callMillis

/** What Lambda's runtime adds to an invocation: to take the event, and to give the answer back. Assumed. */
export const overheadMillis = 3

/** Of a call, what the client takes of a whole processor. Assumed. */
const clientMillis = 1

/** How much longer something takes than on a whole processor: a function has one with 1,769 MB (Lambda's documentation, "Configure function memory"). */
const slowness = (megabytes: number): number => 1769 / Math.min(megabytes, 1769)

/** How long an invocation with this much memory waits for others, with what its clients take for it, and how long its own work takes. */
export const millisOf = (work: Work, megabytes: number): { readonly waiting: number; readonly working: number } => {
  const called = Object.entries(callMillis) as ReadonlyArray<readonly [Called, number]>
  const calls = called.reduce((sum, [name]) => sum + work[name], 0)
  const slow = slowness(megabytes)
  const clients = calls * clientMillis * (slow - slowness(512))
  return {
    waiting: called.reduce((sum, [name, millis]) => sum + work[name] * millis, clients),
    working: work.cpuMillis * slow
  }
}
