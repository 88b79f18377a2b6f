/** The word that was probably meant, for messages about closed lists. Words are compared by ASCII case only, as names are. */
import { asciiLowerCase } from "./Names.ts"

/** Edits that turn one word into another: inserted, removed, replaced characters (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [index, char] of [...a].entries()) {
    const next = [index + 1]
    for (let at = 1; at <= b.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (char === b[at - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** One word is the beginning of the other, as `accept` of `accept_inputs` or `pushed` of `push`. */
const isBeginning = (text: string, word: string): boolean => word.startsWith(text) || text.startsWith(word)

/** The nearest of the words; undefined if none is near, or the text is too short or too long to guess from. */
export const nearest = (text: string, choices: ReadonlyArray<string>): string | undefined => {
  const lower = asciiLowerCase(text)
  if (lower.length < 3 || lower.length > 40) return undefined
  const ranked = choices
    .map((word) => ({ word, edits: isBeginning(lower, word) ? 0 : distance(lower, word) }))
    .filter(({ word, edits }) => edits <= Math.ceil(word.length / 4))
    .toSorted((a, b) => a.edits - b.edits || b.word.length - a.word.length)
  return ranked[0]?.word
}
