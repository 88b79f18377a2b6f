/** What is shown while things are asked for, fail, and are asked for again. */
import { assert, describe, it } from "@effect/vitest"
import type { ApiAnswer } from "../../../src/dashboard/ui/api/Client.ts"
import { text } from "../../../src/dashboard/ui/api/Decode.ts"
import { unreachable } from "../../../src/dashboard/ui/api/Failure.ts"
import type { ApiQuestion } from "../../../src/dashboard/ui/api/Questions.ts"
import { freshnessOf, staleAfter } from "../../../src/dashboard/ui/state/Freshness.ts"
import { joins, mergeRows } from "../../../src/dashboard/ui/state/Pages.ts"
import { isDue, makeRefresher, refreshEvery } from "../../../src/dashboard/ui/state/Refreshing.ts"
import { makeRemotes } from "../../../src/dashboard/ui/state/Remotes.ts"

const question = (path: string): ApiQuestion<string> => ({ path, decode: text })
const answered = (value: string): ApiAnswer<unknown> => ({ _tag: "Answered", value })
const failed: ApiAnswer<unknown> = { _tag: "Failed", failure: unreachable("no answer") }

/** Remotes over answers that the test gives when it likes. */
const world = () => {
  const asked: Array<{
    readonly path: string
    readonly fresh: boolean
    readonly answer: (answer: ApiAnswer<unknown>) => void
  }> = []
  const state = { now: 1_000 }
  const remotes = makeRemotes({
    client: {
      ask: <A>({ path }: ApiQuestion<A>, { fresh = false } = {}) =>
        new Promise<ApiAnswer<A>>((resolve) => {
          asked.push({ path, fresh, answer: (answer) => resolve(answer as ApiAnswer<A>) })
        })
    },
    now: () => state.now,
    recent: 5_000,
    onChange: () => {}
  })
  const settle = async (answer: ApiAnswer<unknown>) => {
    for (const pending of asked.splice(0)) pending.answer(answer)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { remotes, asked, state, settle }
}
const ignore = () => {}

describe("answers", () => {
  it("equal questions are asked once", async () => {
    const { remotes, asked, settle } = world()
    remotes.watch(question("/a"), ignore)
    remotes.watch(question("/a"), ignore)
    assert.deepStrictEqual(
      asked.map(({ path }) => path),
      ["/a"]
    )
    await settle(answered("one"))
    assert.deepInclude(remotes.get(question("/a")), { value: "one", loading: false })
  })

  it("a failure keeps what was there, and a success clears the failure", async () => {
    const { remotes, settle } = world()
    remotes.watch(question("/a"), ignore)
    await settle(answered("one"))
    void remotes.refresh()
    await settle(failed)
    const { value, failure } = remotes.get(question("/a"))
    assert.deepStrictEqual([value, failure?._tag], ["one", "Unreachable"])
    void remotes.retry(question("/a"))
    await settle(answered("two"))
    assert.deepInclude(remotes.get(question("/a")), { value: "two", failure: undefined })
  })

  it("a refresh asks the server anew, for what is watched and nothing else", async () => {
    const { remotes, asked, settle } = world()
    remotes.watch(question("/stays"), ignore)
    const leave = remotes.watch(question("/goes"), ignore)
    await settle(answered("x"))
    leave()
    void remotes.refresh()
    assert.deepStrictEqual(
      asked.map(({ path, fresh }) => [path, fresh]),
      [["/stays", true]]
    )
  })

  it("coming back to something recent asks nothing; later it does", async () => {
    const { remotes, asked, state, settle } = world()
    remotes.watch(question("/a"), ignore)()
    await settle(answered("x"))
    remotes.watch(question("/a"), ignore)()
    assert.lengthOf(asked, 0)
    state.now += 6_000
    remotes.watch(question("/a"), ignore)
    assert.lengthOf(asked, 1)
  })

  it("listeners hear of every change until they leave", async () => {
    const { remotes, settle } = world()
    let heard = 0
    const leave = remotes.watch(question("/a"), () => {
      heard += 1
    })
    await settle(answered("x"))
    const before = heard
    assert.isAbove(before, 0)
    leave()
    void remotes.retry(question("/a"))
    await settle(answered("y"))
    assert.strictEqual(heard, before)
  })
})

describe("refreshing", () => {
  const usual = { paused: false, busy: false, startedAt: 0 }

  it("is due every 30 seconds, unless paused, hidden or under way", () => {
    assert.isFalse(isDue(usual, true, refreshEvery - 1))
    assert.isTrue(isDue(usual, true, refreshEvery))
    assert.isFalse(isDue({ ...usual, paused: true }, true, refreshEvery))
    assert.isFalse(isDue({ ...usual, busy: true }, true, refreshEvery))
    assert.isFalse(isDue(usual, false, refreshEvery))
  })

  it("a tab that comes back refreshes at once, and only once at a time", async () => {
    let [now, refreshes] = [0, 0]
    const ends: Array<() => void> = []
    const refresher = makeRefresher(
      () => {
        refreshes += 1
        return new Promise((resolve) => ends.push(resolve))
      },
      () => now
    )
    now = 10 * refreshEvery
    refresher.tick(false)
    assert.strictEqual(refreshes, 0)
    refresher.tick(true)
    refresher.tick(true)
    void refresher.refresh()
    assert.strictEqual(refreshes, 1)
    ends.forEach((end) => {
      end()
    })
    await new Promise((resolve) => setImmediate(resolve))
    assert.isFalse(refresher.state.get().busy)
    refresher.togglePause()
    now += refreshEvery
    refresher.tick(true)
    assert.strictEqual(refreshes, 1)
  })
})

describe("freshness", () => {
  const remote = (at: number | undefined) => ({ value: at, failure: undefined, loading: at === undefined, at })

  it("is that of the oldest answer, and a server that does not answer comes first", () => {
    const now = 10 * staleAfter
    assert.deepStrictEqual(freshnessOf([], now), { state: "loading", since: undefined })
    assert.deepStrictEqual(freshnessOf([remote(undefined)], now), { state: "loading", since: undefined })
    const refused = {
      ...remote(undefined),
      loading: false,
      failure: { _tag: "Missing", message: "It is not there." } as const
    }
    assert.deepStrictEqual(freshnessOf([refused], now), { state: "refused", since: undefined })
    assert.deepStrictEqual(freshnessOf([remote(now - 5), remote(now)], now), { state: "fresh", since: now - 5 })
    assert.strictEqual(freshnessOf([remote(now - staleAfter - 1), remote(now)], now).state, "stale")
    const down = { ...remote(now), failure: unreachable("no") }
    assert.deepStrictEqual(freshnessOf([down], now), { state: "failing", since: now })
  })
})

describe("growing lists", () => {
  const self = (row: string) => row

  it("a refreshed first page comes before all that was seen, without repeats", () => {
    assert.deepStrictEqual(mergeRows(["e", "d", "c"], ["d", "c", "b", "a"], self), ["e", "d", "c", "b", "a"])
  })

  it("rows behind a gap are not shown as if they followed", () => {
    assert.isTrue(joins(["e", "d"], ["d", "c"], self))
    assert.isTrue(joins(["e", "d"], [], self))
    assert.isFalse(joins(["z", "y"], ["d", "c"], self))
  })
})
