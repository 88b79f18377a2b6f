/**
 * The questions that a decision is made of. Each answers with what it expected and what it found; the first "no" decides.
 *
 * Asking in one fixed order and stopping at the first "no" gives every skipped rule and every denial one code, whatever the order of the rules.
 */
import type { Check } from "./Decision.ts"
import type { Denial } from "./Denial.ts"

/** The answer to one question: the check that is kept, and the sentence for the case that it failed. */
export interface Answer {
  readonly check: Check
  /** What was found and what would have been needed; used only if the check failed. */
  readonly message: string
}

/** A question, asked only if all before it were answered "yes". */
export type Question = () => Answer

/** All checks that were made, and the answer that was "no" if one was. */
export interface Examination {
  readonly checks: ReadonlyArray<Check>
  readonly refusal: Answer | undefined
}

/** Asks one question after the other up to the first "no". */
export const examine = (questions: ReadonlyArray<Question>): Examination => {
  const checks: Array<Check> = []
  for (const question of questions) {
    const answer = question()
    checks.push(answer.check)
    if (!answer.check.passed) return { checks, refusal: answer }
  }
  return { checks, refusal: undefined }
}

/** A "no", as a denial. */
export const denialOf = ({ check, message }: Answer): Denial => ({ code: check.name, message })
