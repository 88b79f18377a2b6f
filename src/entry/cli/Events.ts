/** `dispatcher events`: what happened lately, and with `--follow` what happens. */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { EventRow } from "../../domain/Answers.ts"
import { RepositoryName } from "../../domain/Names.ts"
import { eventLine } from "./EventText.ts"
import { newsOf, type Poll } from "./Following.ts"
import { wholeFlag } from "./Input.ts"
import { answered, service, urlFlag } from "./Service.ts"
import { during } from "./Terminal.ts"

/** Most events of a page. */
const mostAtOnce = 200

const print =
  (format: "text" | "json") =>
  (rows: ReadonlyArray<EventRow>): Effect.Effect<void> =>
    Effect.forEach(rows, (row) => Console.log(format === "json" ? JSON.stringify(row) : eventLine(row)), {
      discard: true
    })

/** Why there may be none before. */
const endOfList = (isEmpty: boolean, days: number): string =>
  `${isEmpty ? "No events" : "No older events"} are listed. Events are listed for ${days} days; deliveries and their journeys are kept for longer.`

/** Prints the latest events, oldest first, and those to come if wanted. */
const listEvents = Effect.fn("cli.events")(function* (options: {
  readonly url: Option.Option<string>
  readonly source: Option.Option<RepositoryName>
  readonly limit: number
  readonly follow: boolean
  readonly format: "text" | "json"
}) {
  const { client, baseUrl } = yield* service(options.url)
  const about = Option.isSome(options.source) ? { source: options.source.value } : {}
  const limit = options.follow ? mostAtOnce : options.limit
  const look: Poll = (cursor) =>
    answered(baseUrl)(client.lists.events({ query: { ...about, limit, ...(cursor === undefined ? {} : { cursor }) } }))
  const first = yield* during(`asking ${baseUrl}`, options.format)(look(undefined))
  const show = print(options.format)
  const isAll = first.cursor === null && first.rows.length <= options.limit
  if (isAll && options.format === "text") yield* Console.error(endOfList(first.rows.length === 0, first.days))
  yield* show(first.rows.slice(0, options.limit).toReversed())
  if (options.follow) yield* newsOf(first, look, show)
})

export const command = Command.make(
  "events",
  {
    url: urlFlag,
    source: Flag.String("source").pipe(
      Flag.withDescription("Only of this source repository, owner/name"),
      Flag.withSchema(RepositoryName),
      Flag.optional
    ),
    limit: wholeFlag("limit", 1, mostAtOnce).pipe(
      Flag.withDescription("How many of the latest, 1 to 200. Default: 50"),
      Flag.withDefault(50)
    ),
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withDescription("Go on with what happens, until Ctrl-C"),
      Flag.withDefault(false)
    ),
    format: Flag.Literals("format", ["text", "json"]).pipe(
      Flag.withDescription("text for people, json (one object per line) for tools. Default: text"),
      Flag.withDefault("text")
    )
  },
  listEvents
).pipe(
  Command.withDescription(
    "Show what the service lately decided, started and learned, and with --follow what is to come; which runs were accepted stands in the list of deliveries"
  )
)
