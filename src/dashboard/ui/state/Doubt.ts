/**
 * Whether what an answer says holds now. "Nothing is stalled" and "All is well" are claims about the present: they stand only on figures of
 * the last minutes, from a server that answers.
 */
import { ago } from "../format/Times.ts"

/** Figures are brought up to date each minute; older than this, that has stopped. */
const patience = 3 * 60_000

/** Why an answer of a moment (RFC 3339; null: there is none yet) says nothing about now; undefined where it does. */
export const doubtOf = (asOf: string | null, isAnswering: boolean, now: number): string | undefined => {
  if (!isAnswering) return "The server does not answer, so what happens now is not known."
  const moment = asOf === null ? 0 : Date.parse(asOf)
  // Figures before the first rollup are those of the beginning of time.
  if (moment === 0) return "No figures have been made yet."
  return now - moment > patience
    ? `The figures were brought up to date ${ago(moment, now)}; what happened since is not in them.`
    : undefined
}
