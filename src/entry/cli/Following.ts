/**
 * The news of a running service: each event once, none left out, also over the service's restarts. Facts may be recorded late, so that an
 * event appears below others that have been shown.
 */
import { Clock, Effect, Schedule } from "effect"
import type { EventPage, EventRow } from "../../domain/Answers.ts"
import { withoutFullStop } from "../../domain/Sentence.ts"
import type { CommandFailed } from "./Failures.ts"
import type { ServiceAway } from "./Service.ts"

type Page = typeof EventPage.Type
/** Asks for a page of events, newest first. */
export type Poll = (cursor: string | undefined) => Effect.Effect<Page, CommandFailed | ServiceAway>

/** How often the service is asked. */
const interval = "2 seconds"
/** Most events that are known to have been shown; several pages, so that a page of old ones is known as such. */
const remembered = 2000

/** Where history begins that was not asked for: below the first page. */
const beginningOf = (first: Page) =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    if (first.cursor === null) return ""
    return first.rows.at(-1)?.time ?? new Date(now).toISOString()
  })

/** What was not there before, newest first: page by page until one has nothing new. */
const unseen = Effect.fnUntraced(function* (look: Poll, isNew: (row: EventRow) => boolean) {
  const news: Array<EventRow> = []
  let cursor: string | undefined
  do {
    const page: Page = yield* look(cursor)
    const found = page.rows.filter(isNew)
    news.push(...found)
    cursor = found.length === 0 ? undefined : (page.cursor ?? undefined)
  } while (cursor !== undefined)
  return news
})

/** Goes on while the service is away, and says so once. */
export const patiently = <A>(asking: Effect.Effect<A, CommandFailed | ServiceAway>) =>
  Effect.suspend(() => {
    let isAway = false
    return asking.pipe(
      Effect.tapError((error) => {
        if (error._tag !== "ServiceAway" || isAway) return Effect.void
        isAway = true
        return Effect.logWarning(`${withoutFullStop(error.message)}; waiting for it`)
      }),
      Effect.retry({ while: (error) => error._tag === "ServiceAway", schedule: Schedule.spaced(interval) }),
      Effect.tap(() => (isAway ? Effect.logWarning("the service answers again") : Effect.void))
    )
  })

/** Shows what comes after the first page, oldest first, for ever. */
export const newsOf = Effect.fnUntraced(function* (
  first: Page,
  look: Poll,
  show: (rows: ReadonlyArray<EventRow>) => Effect.Effect<void>
) {
  const beginning = yield* beginningOf(first)
  let shown: ReadonlySet<string> = new Set(first.rows.map(({ id }) => id))
  const isNew = ({ id, time }: EventRow): boolean => !shown.has(id) && time >= beginning
  return yield* Effect.gen(function* () {
    yield* Effect.sleep(interval)
    const news = (yield* patiently(unseen(look, isNew))).toReversed()
    yield* show(news)
    shown = new Set([...shown, ...news.map(({ id }) => id)].slice(-remembered))
  }).pipe(Effect.forever)
})
