/** Sentences that end with the words of others: GitHub ends its messages with a full stop, and other programs do not. */

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
