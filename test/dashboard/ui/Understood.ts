/** What the page makes of an answer, for tests. */
import { assert } from "@effect/vitest"
import type { Decoding } from "../../../src/dashboard/ui/api/Decode.ts"

/** The decoded answer; fails where the page does not understand it. */
export const understood = <A>(decode: Decoding<A>, value: unknown): A => {
  const decoded = decode(value, "answer")
  return decoded._tag === "Decoded" ? decoded.value : assert.fail(decoded.message)
}

/** Why the page does not understand an answer; fails where it does. */
export const refusal = (decode: Decoding<unknown>, value: unknown): string => {
  const decoded = decode(value, "answer")
  return decoded._tag === "UnexpectedAnswer" ? decoded.message : assert.fail("the answer is understood")
}
