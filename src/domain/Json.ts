/**
 * JSON without rounding: an integer that a double cannot hold is kept as the text of its digits.
 *
 * GitHub's ids are 64-bit integers, and those of webhook deliveries are beyond 2^53 (`GET /app/hook/deliveries`); `JSON.parse` alone would
 * change their last digits without a sign of it.
 */

/** `JSON.parse` with the source text of numbers (ECMAScript "JSON.parse source text access", Node ≥ 21), which the types do not have yet. */
const parse = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown
) => unknown

/** An integer of so many digits that a double may not hold it, where a value may stand. What stands inside a string may match too. */
const mayRound = /(?:^|[[:,\s])-?\d{16,}/

/** Whether `JSON.parse` may round an integer of this text. One search. */
export const mayBeRounded = (text: string): boolean => mayRound.test(text)

const isInteger = /^-?\d+$/

/**
 * Parses JSON; integers beyond ±(2^53 − 1) become text. Throws `SyntaxError` as `JSON.parse` does. Costs one search more than `JSON.parse`,
 * and a call for each value where the text holds 16 digits in a row.
 */
export const parseJson = (text: string): unknown =>
  mayBeRounded(text)
    ? parse(text, (_key, value, { source }) =>
        typeof value === "number" && source !== undefined && !Number.isSafeInteger(value) && isInteger.test(source)
          ? source
          : value
      )
    : JSON.parse(text)

/**
 * The same JSON with integers beyond ±(2^53 − 1) in quotes, so that `JSON.parse` reads it without rounding. What is not JSON, or holds no
 * such integer, is returned as it is.
 */
export const quoteLongIntegers = (text: string): string => {
  if (!mayBeRounded(text)) return text
  try {
    return JSON.stringify(parseJson(text))
  } catch {
    return text
  }
}
