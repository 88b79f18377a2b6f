/**
 * What goes wrong, by script. A fault is named by the operation that it is about (`Table.write`, `Workflows.start`, `PutEvents`, `POST /graphql`),
 * by occurrence (the next calls, the n-th, each n-th, all), and by what becomes of the call: it fails before or after it has acted, is
 * answered otherwise, takes long, is never answered, or kills its caller.
 *
 * Occurrences are counted from 1, from when the fault was put in the script. A call meets all faults that the script has for it, those that
 * were put there later around the earlier ones. The ports in memory have a script around them (fakes/Faults.ts). The faults of the sandbox's
 * scenarios are apart from this: they are a file format for users, by method and path of requests (sandbox/Fault.ts).
 */
import { Duration, Effect } from "effect"
import { Ambiguous, GitHubError, type GitHubErrorReason } from "../ports/GitHubError.ts"

/** A call that is made. */
export interface ScriptedCall<Operation extends string = string> {
  readonly operation: Operation
  /** Which call of its operation it is, from 1. */
  readonly occurrence: number
  readonly input: ReadonlyArray<unknown>
}

/** Does what was asked for; with another input, something else. */
export type ScriptedAct = (...input: ReadonlyArray<unknown>) => Effect.Effect<unknown, unknown>

/** What becomes of a call. Errors are those of the operation; what it is, no type says. */
export type ScriptedFault = (act: ScriptedAct, call: ScriptedCall) => Effect.Effect<unknown, unknown>

/** All goes well. */
export const none: ScriptedFault = (act, { input }) => act(...input)
/** Nothing is done, and the call fails. */
export const failsBefore =
  (error: unknown): ScriptedFault =>
  () =>
    Effect.fail(error)
/** It is done, and the call fails nevertheless. */
export const failsAfter =
  (error: unknown): ScriptedFault =>
  (act, { input }) =>
    Effect.andThen(act(...input), Effect.fail(error))
/** Nothing is done, and this is the answer. */
export const answersWith =
  (answer: unknown): ScriptedFault =>
  () =>
    Effect.succeed(answer)
/** It is done, and the answer is made of what it would be. */
export const changesAnswer =
  (change: (answer: unknown) => unknown): ScriptedFault =>
  (act, { input }) =>
    Effect.map(act(...input), change)
const pause = (duration: Duration.Input) =>
  Duration.isZero(Duration.fromInputUnsafe(duration)) ? Effect.void : Effect.sleep(duration)
/** It takes so long until it is done, and then so long until it is answered. */
export const delays =
  (before: Duration.Input, after: Duration.Input = Duration.zero): ScriptedFault =>
  (act, { input }) =>
    pause(before).pipe(
      Effect.andThen(act(...input)),
      Effect.tap(() => pause(after))
    )
/** Nothing is done, and no answer comes. */
export const silent: ScriptedFault = () => Effect.never
/** The caller dies, as an interrupted fiber does, and nothing is done. */
export const diesBefore: ScriptedFault = () => Effect.interrupt
/** It is done, and the caller dies. */
export const diesAfter: ScriptedFault = (act, { input }) => Effect.andThen(act(...input), Effect.interrupt)

const gitHubError = (operation: string, reason: GitHubErrorReason) => new GitHubError({ operation, reason })
const connectionLost = new Ambiguous({ message: "the connection broke off" })

/** GitHub does not act, and says why. */
export const refused =
  (reason: GitHubErrorReason): ScriptedFault =>
  (act, call) =>
    failsBefore(gitHubError(call.operation, reason))(act, call)
/** GitHub's answer is lost (`Ambiguous`), and it did nothing. */
export const lostBeforeActing: ScriptedFault = (act, call) => refused(connectionLost)(act, call)
/** GitHub's answer is lost (`Ambiguous`), but it acted. */
export const lostAfterActing: ScriptedFault = (act, call) =>
  failsAfter(gitHubError(call.operation, connectionLost))(act, call)

/** What the `n`-th call meets of those that it is about, from 1. */
export type Occurrences<F = ScriptedFault> = (n: number, call: ScriptedCall) => F | undefined

/** Each of them. */
export const always =
  <F>(fault: F): Occurrences<F> =>
  () =>
    fault
/** The `wanted`-th of them. */
export const nth =
  <F>(wanted: number, fault: F): Occurrences<F> =>
  (n) =>
    n === wanted ? fault : undefined
/** Each `interval`-th of them, from the `first` on. */
export const each =
  <F>(interval: number, fault: F, first = interval): Occurrences<F> =>
  (n) =>
    n >= first && (n - first) % interval === 0 ? fault : undefined
/** Each of them, one fault after the other and then again from the first. */
export const inTurn =
  <F>(...faults: ReadonlyArray<F>): Occurrences<F> =>
  (n) =>
    faults[(n - 1) % faults.length]
/** At most so many of those, the first ones. */
export const atMost = <F>(times: number, occurrences: Occurrences<F>): Occurrences<F> => {
  let left = times
  return (n, call) => {
    const fault = left > 0 ? occurrences(n, call) : undefined
    if (fault !== undefined) left -= 1
    return fault
  }
}

interface Rule<F> {
  readonly isAbout: (operation: string) => boolean
  readonly occurrences: Occurrences<F>
  count: number
}

/** A call, and what it meets. */
export interface MetFaults<F> {
  readonly call: ScriptedCall
  readonly faults: ReadonlyArray<F>
}

/** The calls that were made, and the faults that those to come will meet. */
export class Script<Operation extends string = string, F = ScriptedFault> {
  #rules: ReadonlyArray<Rule<F>> = []
  readonly #queued = new Map<string, Array<F>>()
  readonly #calls: Array<ScriptedCall<Operation>> = []
  readonly #counts = new Map<string, number>()
  readonly #keepsCalls: boolean

  /** Where many large calls are made, `calls` may be left empty. */
  constructor({ keepsCalls = true } = {}) {
    this.#keepsCalls = keepsCalls
  }

  /** What calls of an operation, or of all that match, meet from now on. */
  readonly on = (operation: Operation | RegExp, occurrences: Occurrences<F>): Effect.Effect<void> =>
    Effect.sync(() => {
      const isAbout = (other: string) => (typeof operation === "string" ? operation === other : operation.test(other))
      this.#rules = [...this.#rules, { isAbout, occurrences, count: 0 }]
    })

  /** What the next calls of an operation meet, one each, and within all else; these faults come after those that still wait. */
  readonly next = (operation: Operation, ...faults: ReadonlyArray<F>): Effect.Effect<void> =>
    Effect.sync(() => void this.#queued.set(operation, [...(this.#queued.get(operation) ?? []), ...faults]))

  /** Forgets all faults that are still to come. */
  readonly clear: Effect.Effect<void> = Effect.sync(() => {
    this.#rules = []
    this.#queued.clear()
  })

  /** All calls that were made, in order. */
  readonly calls: Effect.Effect<ReadonlyArray<ScriptedCall<Operation>>> = Effect.sync(() => [...this.#calls])

  /** The operations that were called, in order. */
  readonly operations: Effect.Effect<ReadonlyArray<Operation>> = Effect.map(this.calls, (calls) =>
    calls.map(({ operation }) => operation)
  )

  /** The calls that are made while something goes on, in order. */
  readonly callsOf = <E, R>(
    work: Effect.Effect<unknown, E, R>
  ): Effect.Effect<ReadonlyArray<ScriptedCall<Operation>>, E, R> =>
    Effect.suspend(() => {
      const before = this.#calls.length
      return Effect.map(work, () => this.#calls.slice(before))
    })

  /** Makes a call, and says what it meets: the innermost fault first. */
  readonly meet = (operation: Operation, ...input: ReadonlyArray<unknown>): MetFaults<F> => {
    const occurrence = (this.#counts.get(operation) ?? 0) + 1
    this.#counts.set(operation, occurrence)
    const call = { operation, occurrence, input }
    if (this.#keepsCalls) this.#calls.push(call)
    const met = this.#rules
      .filter(({ isAbout }) => isAbout(operation))
      .map((rule) => {
        rule.count += 1
        return rule.occurrences(rule.count, call)
      })
    return { call, faults: [this.#queued.get(operation)?.shift(), ...met].filter((fault) => fault !== undefined) }
  }
}

/** Makes a call that does `act`, unless the script says otherwise. */
export const perform = <Operation extends string>(
  script: Script<Operation>,
  operation: Operation,
  act: ScriptedAct,
  ...input: ReadonlyArray<unknown>
): Effect.Effect<unknown, unknown> =>
  Effect.suspend(() => {
    const { call, faults } = script.meet(operation, ...input)
    const around =
      (inner: ScriptedAct, fault: ScriptedFault): ScriptedAct =>
      (...changed) =>
        fault(inner, { ...call, input: changed })
    return faults.reduce(around, act)(...input)
  })
