/** Chance that follows from a seed: what happens to something depends on the seed and on its name, not on what else happened before. */
import { createHash } from "node:crypto"

/** A number from 0 to below 1 for each name. */
export type Chance = (...name: ReadonlyArray<string | number>) => number

/** The chance of a seed. */
export const chanceOf =
  (seed: number): Chance =>
  (...name) =>
    createHash("sha256")
      .update([seed, ...name].join("/"))
      .digest()
      .readUIntBE(0, 6) /
    2 ** 48

/** A whole number from `least` to `most`. */
export const between = (least: number, most: number, share: number): number =>
  least + Math.floor(share * (most - least + 1))

/** One of several things by their weights; what is left to 1 is undefined. */
export const oneOf = <A>(things: ReadonlyArray<readonly [weight: number, thing: A]>, share: number): A | undefined => {
  let sum = 0
  return things.find(([weight]) => {
    sum += weight
    return share < sum
  })?.[1]
}
