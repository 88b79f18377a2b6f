/**
 * A wall clock that is wrong and is set again now and then (soakedServer.ts), by the seed in SOAK_SEED and the
 * name of this life of the process in SOAK_LIFE. The monotonic clock goes on.
 */
import { between, chanceOf, oneOf } from "./Chance.ts"

const chance = chanceOf(Number(process.env.SOAK_SEED ?? 0))
const life = process.env.SOAK_LIFE ?? "0"
const rightNow = Date.now.bind(Date)

/** By how many seconds it is wrong at most: mostly by few, seldom by so many that GitHub refuses what the App signs. */
const most = (count: number): number =>
  oneOf(
    [
      [0.4, 0],
      [0.3, 3],
      [0.25, 20]
    ],
    chance("wrong", life, count)
  ) ?? 90
const shiftOf = (count: number): number => {
  const millis = most(count) * 1000
  return between(-millis, millis, chance("shift", life, count))
}

let count = 0
let shift = shiftOf(count)
Date.now = () => rightNow() + shift

const setAgain = (): void => {
  count += 1
  shift = shiftOf(count)
  setTimeout(setAgain, between(2000, 20_000, chance("set again", life, count))).unref()
}
setTimeout(setAgain, between(2000, 20_000, chance("set", life))).unref()
