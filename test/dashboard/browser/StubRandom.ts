/** Chance that repeats itself: the same seed gives the same made-up week. */

/** Small and repeatable; nothing here needs good randomness. */
export const randomFrom = (seed: number) => {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}
export type Random = () => number
export const pick = <A>(random: Random, [first, ...rest]: readonly [A, ...ReadonlyArray<A>]): A =>
  rest[Math.floor(random() * (rest.length + 1)) - 1] ?? first
