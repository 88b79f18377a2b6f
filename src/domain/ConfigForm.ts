/** How the schema of `dispatching.yml` says what a text must look like: a pattern, the words for it, and what to write instead. */
import { Schema } from "effect"

/** Most characters of a name; git and file systems allow no more than 255 bytes. */
export const maxNameLength = 255

/** What to write in the place of a text that is not accepted. */
export type Instead = (text: string) => string

/**
 * A check of a text. `instead` makes of a text that fails what its author probably meant; the message names it.
 *
 * Every check is a pattern, which JSON Schema has too.
 */
export const form = (pattern: RegExp, expected: string, instead?: Instead) =>
  Schema.isPattern(pattern, instead === undefined ? { expected } : { expected, instead })
