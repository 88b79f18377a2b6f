/**
 * The checks of a decision as the event log keeps them: deflated, on top of the text that such checks have in common. They are two thirds of a
 * fact, nearly the same each time, and read by people who look at a journey, not by folds.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib"
import type { Check } from "../domain/Decision.ts"
import { usualChecks } from "../domain/UsualChecks.ts"

/** Says with which text something is packed. */
const mark = "1:"

const common = JSON.stringify(usualChecks)
/** What the checks of a fact are packed with: what all have in common, and the names that are in the fact besides. */
const dictionaryOf = (names: ReadonlyArray<string>): Buffer => Buffer.from(names.join(" ") + common)

/** Checks as a text, packed with names that are likely to be in them. */
export const packChecks = (checks: ReadonlyArray<Check>, names: ReadonlyArray<string>): string =>
  mark + deflateRawSync(JSON.stringify(checks), { dictionary: dictionaryOf(names) }).toString("base64")

/** What {@link packChecks} made with these names; anything else, as older versions stored it, as it is. */
export const unpackChecks = (stored: unknown, names: ReadonlyArray<string>): unknown => {
  if (typeof stored !== "string" || !stored.startsWith(mark)) return stored
  const bytes = Buffer.from(stored.slice(mark.length), "base64")
  return JSON.parse(inflateRawSync(bytes, { dictionary: dictionaryOf(names) }).toString())
}
