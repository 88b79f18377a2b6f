/** The parts of sentences: lists, counts, durations, and an end in the words of others. GitHub ends its messages with a full stop, and other programs do not. */

/** The sentence with one full stop at its end, whether what it ends with has some or none; also before a closing parenthesis. */
export const sentence = (text: string): string => {
  const open = withoutFullStop(text)
  return open.endsWith(")") ? `${withoutFullStop(open.slice(0, -1))}).` : `${open}.`
}

/** The text without full stops at its end, so that something can follow it. */
export const withoutFullStop = (text: string): string => {
  let end = text.length
  while (end > 0 && (text[end - 1] === "." || /\s/.test(text.charAt(end - 1)))) end -= 1
  return text.slice(0, end)
}

/** How many names of a rule are shown. */
const mostListed = 10

/** Names as people list them; of many only the first, so that a decision stays small however long a rule is. */
export const listed = (names: Iterable<string>): string => {
  const all = [...names]
  const shown = all.slice(0, mostListed).join(", ") || "none"
  return all.length > mostListed ? `${shown} and ${all.length - mostListed} more` : shown
}

/** `1 problem`, `2 problems`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`

const joined = (value: number, of: number, large: string, small: string): string => {
  const rest = value % of
  return `${Math.floor(value / of)} ${large}${rest === 0 ? "" : ` ${rest} ${small}`}`
}

/** Milliseconds as people read them, in whole seconds, as GitHub's times are: `under 1 s`, `42 s`, `3 min 14 s`, `1 h 4 min`, `2 d 1 h`. */
export const durationText = (millis: number): string => {
  const seconds = Math.round(millis / 1_000)
  if (seconds === 0) return "under 1 s"
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return joined(seconds, 60, "min", "s")
  const minutes = Math.round(seconds / 60)
  return minutes < 1_440 ? joined(minutes, 60, "h", "min") : joined(Math.round(minutes / 60), 24, "d", "h")
}
