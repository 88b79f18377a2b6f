/** GitHub's time from the dates of its answers. */
import { assert, describe, it } from "@effect/vitest"
import { type GitHubClock, leadOf, learn, timeAt, unknown } from "../../../src/adapters/github/GitHubClock.ts"
import { Chance } from "../../fixtures/Chance.ts"

const epoch = 1_800_000_000_000
/** What GitHub's `Date` says at a moment: whole seconds. */
const dateAt = (time: number) => Math.floor(time / 1000) * 1000

const clockAfter = (...answers: ReadonlyArray<readonly [date: number, sent: number, received: number]>): GitHubClock =>
  answers.reduce((clock, [date, sent, received]) => learn(clock, leadOf(date, sent, received)), unknown)

describe("GitHub's clock", () => {
  it("is not known before the first answer", () => assert.isUndefined(timeAt(unknown, 0)))

  it("is right within its error after any answers, and within a second after a quick one", () => {
    const chance = new Chance(1)
    for (let round = 0; round < 200; round++) {
      const lead = epoch + chance.next() * 1e6
      let now = 0
      let clock = unknown
      for (let answer = 0; answer < 10; answer++) {
        now += chance.next() * 60_000
        const sent = now
        const written = sent + chance.next() * 3000
        now = written + chance.next() * 3000
        clock = learn(clock, leadOf(dateAt(lead + written), sent, now))
        const { time, error } = timeAt(clock, now) ?? { time: 0, error: 0 }
        assert.isAtMost(Math.abs(time - (lead + now)), error + 1e-3)
      }
    }
    assert.isAtMost(timeAt(clockAfter([epoch, 0, 50]), 50)?.error ?? 9e9, 1000)
  })

  it("is not moved by one answer that sets it back, and is by two that agree", () => {
    const good = [epoch, 0, 10] as const
    const stale = [epoch - 3_600_000, 1000, 1010] as const
    const time = (clock: GitHubClock) => timeAt(clock, 2000)?.time ?? 0
    assert.isAbove(time(clockAfter(good, stale)), epoch)
    assert.isAbove(time(clockAfter(good, stale, [epoch + 2000, 2000, 2010], stale)), epoch)
    assert.isBelow(time(clockAfter(good, stale, [epoch - 3_599_000, 2000, 2010])), epoch - 3_500_000)
  })

  it("goes on at once where more time passed than we saw", () =>
    assert.isAbove(
      timeAt(clockAfter([epoch, 0, 10], [epoch + 3_600_000, 1000, 1010]), 1010)?.time ?? 0,
      epoch + 3_599_000
    ))
})
