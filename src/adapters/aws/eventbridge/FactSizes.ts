/**
 * Facts that are too large to travel become shorter, never lost: of the checks that explain a decision the last ones are left out, and
 * of a message the end, each with a note that says so. Who was denied what, and why, always stays.
 */
import type { Check } from "../../../domain/Decision.ts"
import type { Fact } from "../../../domain/Fact.ts"
import { bytesOf } from "../../../flow/FactMessages.ts"

/** The fact with as much of its explanation as fits into so many bytes. */
export const fittedFact = (fact: Fact, most: number): Fact => {
  const fits = (shorter: Fact) => bytesOf(shorter) <= most
  if (fits(fact)) return fact
  const lessExplained = shortened(checksOf(fact).length, (kept) => withChecks(fact, kept), fits)
  if (fits(lessExplained)) return lessExplained
  return shortened(messageOf(lessExplained).length, (kept) => withMessage(lessExplained, kept), fits)
}

/** The version of which most is kept of those that fit; if none does, the one of which nothing is kept. */
const shortened = (length: number, keep: (kept: number) => Fact, fits: (fact: Fact) => boolean): Fact => {
  let [least, most] = [0, length]
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (fits(keep(middle))) least = middle
    else most = middle - 1
  }
  return keep(least)
}

const checksOf = ({ data }: Fact): ReadonlyArray<Check> => ("checks" in data ? data.checks : [])

const withChecks = (fact: Fact, kept: number): Fact => {
  const checks = checksOf(fact)
  const left = checks.slice(kept)
  const [first] = left
  if (first === undefined) return fact
  // It stands for those that were left out.
  const note: Check = {
    name: first.name,
    passed: left.every(({ passed }) => passed),
    expected: `${left.length} more checks`,
    actual: "left out: the fact was too large"
  }
  return { ...fact, data: { ...fact.data, checks: [...checks.slice(0, kept), note] } } as Fact
}

const messageOf = ({ data }: Fact): string => ("message" in data ? data.message : "")

const withMessage = (fact: Fact, kept: number): Fact => {
  const message = messageOf(fact)
  if (kept === message.length) return fact
  const shorter = `${message.slice(0, kept).toWellFormed()}… (the rest was left out: the fact was too large)`
  return { ...fact, data: { ...fact.data, message: shorter } } as Fact
}
