/**
 * Characters that look like a blank or like nothing: copied from pages and chats, they make a name another name and a key another key.
 */

/** No-break and other blanks, zero-width characters, marks of text direction, fillers and tags (Unicode, "Default_Ignorable", "Zs"). */
const ranges =
  "\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200c\\u200e\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb"

/** A joiner (U+200D) within an emoji is no slip. */
const pattern = `[${ranges}]|(?<![\\p{Extended_Pictographic}\\ufe0f\\u{1f3fb}-\\u{1f3ff}])\\u200d`

const names: Readonly<Record<number, string>> = {
  160: "no-break space",
  173: "soft hyphen",
  8203: "zero-width space",
  8204: "zero-width non-joiner",
  8205: "zero-width joiner",
  8232: "line separator",
  8233: "paragraph separator",
  8239: "narrow no-break space",
  8288: "word joiner",
  12288: "ideographic space",
  65279: "byte order mark"
}

const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/** `U+00A0`, as people look it up. */
export const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`

/** An invisible character in words: `a no-break space (U+00A0)`. */
export const invisibleName = (character: string): string => {
  const name = names[character.codePointAt(0) ?? 0]
  const kind = directions.test(character) ? "mark of text direction" : /\p{Zs}/u.test(character) ? "blank" : "character"
  return `${name === undefined ? `an invisible ${kind}` : `a ${name}`} (${codePoint(character)})`
}

const one = new RegExp(pattern, "gu")
const run = new RegExp(`(?:${pattern})+`, "gu")

/** What nearly every text is. */
const plain = /^[\t\n\r\x20-\x7e]*$/

/** Where a text has invisible characters: of several in a row the first, with its offset. */
export const invisibleCharacters = (
  text: string
): ReadonlyArray<{ readonly offset: number; readonly character: string }> =>
  plain.test(text)
    ? []
    : Array.from(text.matchAll(run), ({ 0: characters, index }) => ({ offset: index, character: characters.charAt(0) }))

/** The text with each invisible character as its escape, such as `\u00a0`, so that it is seen in a message. */
export const withInvisiblesShown = (text: string): string =>
  text.replace(one, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
