/** A script of faults: which calls they strike, what becomes of those, and how several of them meet one call. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Table, TableError, TableUnavailable } from "../../src/ports/Table.ts"
import { Workflows } from "../../src/ports/Workflows.ts"
import {
  always,
  answersWith,
  atMost,
  changesAnswer,
  delays,
  diesAfter,
  diesBefore,
  each,
  failsAfter,
  failsBefore,
  inTurn,
  lostAfterActing,
  lostBeforeActing,
  none,
  nth,
  perform,
  Script,
  type ScriptedFault,
  silent
} from "../../src/testing/FaultScript.ts"
import { Faults, layer as layerMemory, StartedWorkflows } from "../../src/testing/fakes/Memory.ts"
import { order } from "../fixtures/Runs.ts"

/** An operation that counts what was done, and answers with its input. */
const counting = () => {
  const script = new Script()
  const done: Array<unknown> = []
  const act = (input: unknown) =>
    Effect.sync(() => {
      done.push(input)
      return input
    })
  return { script, done, call: (operation: string, input: unknown = 1) => perform(script, operation, act, input) }
}
/** Which of so many calls of an operation fail. */
const failing = (call: (operation: string) => Effect.Effect<unknown, unknown>, operation: string, calls: number) =>
  Effect.map(
    Effect.forEach(
      Array.from({ length: calls }, (_, index) => index + 1),
      (n) => Effect.map(Effect.exit(call(operation)), (exit) => (Exit.isFailure(exit) ? [n] : []))
    ),
    (found) => found.flat()
  )
const fails = failsBefore("as scripted")

describe("a script of faults", () => {
  it.effect.each([
    ["the third", nth(3, fails), [3]],
    ["each second", each(2, fails), [2, 4, 6]],
    ["each second from the first on", each(2, fails, 1), [1, 3, 5]],
    ["each second from the fourth on", each(2, fails, 4), [4, 6]],
    ["all", always(fails), [1, 2, 3, 4, 5, 6]],
    ["at most two", atMost(2, always(fails)), [1, 2]],
    ["one in three, in turn", inTurn(none, fails, none), [2, 5]]
  ] as const)("strikes %s of the calls of an operation", ([, occurrences, expected]) =>
    Effect.gen(function* () {
      const { script, call } = counting()
      yield* call("a")
      yield* script.on("a", occurrences)
      assert.deepStrictEqual(yield* failing(call, "b", 3), [], "another operation")
      assert.deepStrictEqual(yield* failing(call, "a", 6), [...expected])
      yield* script.clear
      assert.deepStrictEqual(yield* failing(call, "a", 6), [])
    })
  )

  it.effect("strikes the next calls one by one, and counts those of all operations that match", () =>
    Effect.gen(function* () {
      const { script, call } = counting()
      yield* script.next("a", fails, none)
      yield* script.next("a", fails)
      assert.deepStrictEqual(yield* failing(call, "a", 4), [1, 3])
      yield* script.next("a", fails)
      yield* script.clear
      assert.deepStrictEqual(yield* failing(call, "a", 1), [])
      yield* script.on(/^(a|b)$/, nth(2, fails))
      assert.deepStrictEqual([yield* failing(call, "a", 1), yield* failing(call, "c", 1)], [[], []])
      assert.deepStrictEqual([yield* failing(call, "b", 1), yield* failing(call, "a", 1)], [[1], []])
    })
  )

  it.effect.each([
    ["fails before", fails, "failed", 0],
    ["fails after", failsAfter("as scripted"), "failed", 1],
    ["dies before", diesBefore, "interrupted", 0],
    ["dies after", diesAfter, "interrupted", 1],
    ["is answered with something else", answersWith("other"), "other", 0],
    ["has its answer changed", changesAnswer((answer) => `${answer}!`), "1!", 1],
    ["goes well", none, 1, 1]
  ] as ReadonlyArray<[string, ScriptedFault, unknown, number]>)("has a call that %s", ([, fault, outcome, acts]) =>
    Effect.gen(function* () {
      const { script, done, call } = counting()
      yield* script.on("a", always(fault))
      const exit = yield* Effect.exit(call("a"))
      const found = Exit.isSuccess(exit) ? exit.value : Exit.hasInterrupts(exit) ? "interrupted" : "failed"
      assert.strictEqual(found, outcome)
      assert.lengthOf(done, acts)
    })
  )

  it.effect("has a call take long before and after it is done, or for ever", () =>
    Effect.gen(function* () {
      const { script, done, call } = counting()
      yield* script.next("a", delays("3 seconds", "2 seconds"), silent)
      const slow = yield* Effect.forkChild(call("a"))
      const seen = []
      for (const seconds of [2, 1, 1, 1]) {
        yield* TestClock.adjust(seconds * 1000)
        seen.push([done.length, slow.pollUnsafe() !== undefined])
      }
      assert.deepStrictEqual(seen, [
        [0, false],
        [1, false],
        [1, false],
        [1, true]
      ])
      const lost = yield* Effect.forkChild(call("a"))
      yield* TestClock.adjust("1 day")
      assert.isUndefined(lost.pollUnsafe())
      assert.lengthOf(done, 1)
      yield* Fiber.interrupt(lost)
    })
  )

  it.effect("puts later faults around earlier ones, and the next ones within all", () =>
    Effect.gen(function* () {
      const { script, done, call } = counting()
      const adding = (letter: string): ScriptedFault => changesAnswer((answer) => `${answer}${letter}`)
      const doubled: ScriptedFault = (act, { input: [input] }) => act(2 * Number(input))
      yield* script.on("a", always(adding("x")))
      yield* script.on("a", always(adding("y")))
      yield* script.next("a", adding("w"))
      assert.strictEqual(yield* call("a"), "1wxy")
      yield* script.on("a", always(doubled))
      assert.strictEqual(yield* call("a", 3), "6xy")
      assert.deepStrictEqual(done, [1, 6])
    })
  )

  it.effect("keeps all calls, with which of their operation they are", () =>
    Effect.gen(function* () {
      const { script, call } = counting()
      yield* call("a")
      const calls = yield* script.callsOf(Effect.andThen(call("b", 7), call("a", 8)))
      assert.deepStrictEqual(calls, [
        { operation: "b", occurrence: 1, input: [7] },
        { operation: "a", occurrence: 2, input: [8] }
      ])
      assert.deepStrictEqual(yield* script.operations, ["a", "b", "a"])
    })
  )
})

describe("the ports in memory", () => {
  it.effect("have faults by port and method", () =>
    Effect.gen(function* () {
      const faults = yield* Faults
      const down = new TableError({ operation: "get", reason: new TableUnavailable({ message: "down" }) })
      yield* faults.on("Table.get", nth(2, failsBefore(down)))
      const get = Effect.flatMap(Table, (table) => table.get({ table: "ledger", partition: "p", sort: "s" }))
      yield* get
      assert.strictEqual(yield* Effect.flip(get), down)
      yield* faults.next("Workflows.start", lostBeforeActing, lostAfterActing)
      const start = Workflows.use((workflows) => workflows.start(order(), () => true))
      const started = StartedWorkflows.use(({ all }) => Effect.map(all, ({ length }) => length))
      for (const expected of [0, 1]) {
        const error = yield* Effect.flip(start)
        assert.deepStrictEqual([error.operation, error.reason._tag], ["Workflows.start", "Ambiguous"])
        assert.strictEqual(yield* started, expected)
      }
    }).pipe(Effect.provide(layerMemory()))
  )
})
