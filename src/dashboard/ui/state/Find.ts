/** By what a run is looked for: guessed from what was typed or pasted, so that there is nothing to choose first. */
import type { FindKey } from "../../../domain/Answers.ts"

export const findLabels: Readonly<Record<FindKey, string>> = {
  number: "Run number",
  run: "Run id or URL",
  commit: "Commit",
  branch: "Branch",
  actor: "Actor"
}

/** Numbers of runs count from 1 in each workflow; ids are GitHub's, and long. */
const longestNumber = 7

/** `#123` is a number, a long number an id, 40 hexadecimal digits a commit, an address a run; what is left is a branch. */
export const guessed = (typed: string): FindKey => {
  const text = typed.trim()
  if (/^https?:\/\//i.test(text)) return "run"
  if (/^#?\d+$/.test(text)) return text.length > longestNumber ? "run" : "number"
  if (/^[0-9a-f]{40}$/i.test(text)) return "commit"
  return text.startsWith("@") ? "actor" : "branch"
}

/** What was typed, without the sign that only says what it is. */
export const sought = (by: FindKey, typed: string): string => {
  const text = typed.trim()
  if (by === "number") return text.replace(/^#/, "")
  return by === "actor" ? text.replace(/^@/, "") : text
}
