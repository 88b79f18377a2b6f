import { assert, describe, it } from "@effect/vitest"
import { isoTime } from "../../src/domain/Bucket.ts"
import { hourOf, isNothing, sumOfMinutes, withMinutes } from "../../src/domain/HourSums.ts"
import { departed, minutesOfWindow, shortWindows } from "../../src/domain/Stretch.ts"
import { noTally, type Tally } from "../../src/domain/Tally.ts"
import { Chance } from "../fixtures/Chance.ts"

const now = Date.parse("2026-11-23T00:20:30.000Z")
const minuteAt = (back: number): string => isoTime(now - back * 60_000).slice(0, 16)
const one: Tally = { counts: { accepted: 1 } }

/** Hours with one run in each of these minutes. */
const hoursOf = (minutes: ReadonlyArray<string>) =>
  [...Map.groupBy(new Set(minutes), (minute) => minute.slice(0, 13))].map(([hour, own]) =>
    hourOf(hour, new Map(own.map((minute) => [minute, one])))
  )

describe("sums of windows", () => {
  it("hold exactly the minutes that their name says", () => {
    for (let seed = 0; seed < 100; seed++) {
      const chance = new Chance(seed)
      const backs = [
        ...new Set(Array.from({ length: 40 }, () => chance.below(chance.pick([30, 130, 3000, 21_000] as const))))
      ]
      for (const [window, length] of Object.entries(shortWindows)) {
        const [within, before] = minutesOfWindow(window as keyof typeof shortWindows, now)
        const hours = hoursOf(backs.map(minuteAt))
        const countOf = (stretch: typeof within) => sumOfMinutes(hours, stretch).counts.accepted ?? 0
        assert.strictEqual(countOf(within), backs.filter((back) => back < length).length)
        assert.strictEqual(countOf(before), backs.filter((back) => back >= length && back < 2 * length).length)
      }
    }
  })

  it("change only with minutes that departed: one that is in a window at one moment and not at a later one", () => {
    for (const rest of [1, 7, 61, 1500]) {
      const left = departed(now - rest * 60_000, now)
      for (const length of Object.values(shortWindows)) {
        for (const back of [length - 1, length, length + rest - 1, length + rest]) {
          const isGone = back >= length && back < length + rest
          const isListed = left.some(({ first, last }) => minuteAt(back) >= first && minuteAt(back) <= last)
          if (isGone) assert.isTrue(isListed, `${length} ${back}`)
        }
      }
    }
    assert.deepStrictEqual(departed(now, now + 1000), [])
  })

  it("lose what a minute does not have any more", () => {
    const [hour] = hoursOf([minuteAt(0), minuteAt(1)])
    if (hour === undefined) throw new Error("there is an hour")
    const after = withMinutes(hour, new Map([[minuteAt(1), noTally]]))
    assert.deepStrictEqual([...after.minutes()], [[minuteAt(0), one]])
    assert.deepStrictEqual(after.total, one)
    assert.isTrue(isNothing(withMinutes(after, new Map([[minuteAt(0), noTally]])).total))
  })
})
