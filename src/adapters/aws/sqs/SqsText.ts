/**
 * Text as SQS takes it: the characters of XML 1.0 only. JSON text is brought into that form without changing what it says.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */

/** What XML has no place for, and both halves of what lies beyond 16 bits: SQS takes those, but not everything that speaks SQS does. */
const outside = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g

/** The same JSON with escapes where SQS takes no character as it is; JSON text has such characters only within its strings. */
export const messageText = (json: string): string =>
  json.replace(outside, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Text for people, at most so long, never empty. */
export const plainText = (text: string, most: number): string => {
  const clean = text.replace(outside, "\ufffd")
  if (clean === "") return "-"
  return clean.length > most ? `${clean.slice(0, most - 1)}…` : clean
}
