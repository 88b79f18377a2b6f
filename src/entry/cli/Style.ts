/** How the command line looks: colours on a terminal only (`NO_COLOR` and `FORCE_COLOR` are obeyed), plain text elsewhere. */
import { styleText } from "node:util"

type Style = Parameters<typeof styleText>[0]

/** Text in a style, if standard output shows styles. */
export const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })

/** ✔ for yes, ✘ for no. */
export const mark = (yes: boolean): string => (yes ? paint("green", "✔") : paint("red", "✘"))

/** What strangers wrote, so that it cannot move the cursor, change colours, or begin a line of its own. */
export const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, " ")
