/** The parameters that several endpoints take, each with its form. */
import { Schema } from "effect"
import { isOnRealDay } from "../../domain/Bucket.ts"
import { RepositoryName } from "../../domain/Names.ts"

/** A number in decimal digits, limits included. */
export const whole = (minimum: number, maximum: number) => {
  const expected = `a whole number from ${minimum} to ${maximum}`
  const digits = Schema.String.check(Schema.isPattern(/^\d+$/, { expected }))
  return digits.pipe(
    Schema.decodeTo(Schema.FiniteFromString.check(Schema.isBetween({ minimum, maximum }, { expected })))
  )
}

/** A time in the form of RFC 3339, on a day that exists. */
export const time = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/, {
    expected: "a time as RFC 3339 has it"
  }),
  Schema.makeFilter(isOnRealDay, { expected: "a time on a day that exists" })
).pipe(Schema.decodeTo(Schema.DateTimeUtcFromString))

/** What an answer is about: everything, one source, one target, or what one source causes in one target. */
export const about = { source: Schema.optionalKey(RepositoryName), target: Schema.optionalKey(RepositoryName) }

/** How much of a list, and where to go on. Default limit: 50. */
export const paging = { cursor: Schema.optionalKey(Schema.NonEmptyString), limit: Schema.optionalKey(whole(1, 200)) }
