/** Text from outside as a part of a table key: however long it is, and whatever is in it, the key stays one that every store takes. */
import { Hash } from "effect"

const longest = 250
const kept = 200

/** The text itself, or its beginning and a hash where it is longer than any real name. Well-formed, and at most 750 bytes of UTF-8. */
export const keyText = (text: string): string => {
  if (text.length <= longest) return text.toWellFormed()
  return `${text.slice(0, kept).toWellFormed()}~${(Hash.string(text) >>> 0).toString(36)}`
}
