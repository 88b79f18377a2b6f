/**
 * Cursors of pages: where a page ended, and a digest that ties it to its list. So a cursor that was made up, cut off, or given by a page of
 * another list is refused, though any position would be one to read on from. They hold no secret: what they lead to may be read anyway.
 */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import { BadCursor } from "./DashboardQueries.ts"

/** 72 bits: enough that no cursor is right by chance. */
const digestOf = (list: string, position: string): string =>
  createHash("sha256").update(`${list}\n${position}`).digest("base64url").slice(0, 12)

const cursorAt = (list: string, position: string): string => `${position}.${digestOf(list, position)}`

/** The cursor of a page of `list` that ended at `position`; null of the last page, which has no position to go on from. */
export const nextCursor = (list: string, position: string | undefined): string | null =>
  position === undefined ? null : cursorAt(list, position)

/** What is answered to a cursor that no page of a list gave. */
export const foreignCursor = new BadCursor({ message: "no page gave that cursor" })

/** Where the page of `list` ended that gave the cursor; undefined for the first page. Pure. */
export const positionOf = (list: string, cursor: string | undefined): Effect.Effect<string | undefined, BadCursor> => {
  if (cursor === undefined) return Effect.undefined
  const position = cursor.slice(0, Math.max(cursor.lastIndexOf("."), 0))
  return cursorAt(list, position) === cursor ? Effect.succeed(position) : Effect.fail(foreignCursor)
}
