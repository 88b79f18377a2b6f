/** `dispatcher events`: what happened lately, and with `--follow` what happens. */
import { Console, Effect, Option, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { RepositoryName } from "../../domain/Names.ts"
import type { EventRow } from "../../domain/Views.ts"
import { eventLine } from "./EventText.ts"
import { answered, service, urlFlag } from "./Service.ts"

type Rows = ReadonlyArray<EventRow>

/** How often a running service is asked for news. */
const interval = "2 seconds"
/** Most events that are known to have been shown; more than a page, so that none is shown twice. */
const remembered = 1000

/** Shows the rows of each look that were not shown before, oldest first, for ever. Facts may be recorded in another order than they happened. */
export const follow = Effect.fnUntraced(function* <E, R>(
  look: Effect.Effect<Rows, E, R>,
  show: (rows: Rows) => Effect.Effect<void>
) {
  let shown: ReadonlySet<string> = new Set()
  return yield* Effect.gen(function* () {
    const news = (yield* look).filter(({ id }) => !shown.has(id)).toReversed()
    yield* show(news)
    shown = new Set([...shown, ...news.map(({ id }) => id)].slice(-remembered))
    yield* Effect.sleep(interval)
  }).pipe(Effect.forever)
})

const print =
  (format: "text" | "json") =>
  (rows: Rows): Effect.Effect<void> =>
    Effect.forEach(rows, (row) => Console.log(format === "json" ? JSON.stringify(row) : eventLine(row)), {
      discard: true
    })

/** Prints the latest events, oldest first, and those to come if wanted. */
export const events = Effect.fn("cli.events")(function* (options: {
  readonly url: Option.Option<string>
  readonly source: Option.Option<RepositoryName>
  readonly limit: number
  readonly follow: boolean
  readonly format: "text" | "json"
}) {
  const { client, baseUrl } = yield* service(options.url)
  const query = { limit: options.limit, ...(Option.isSome(options.source) ? { source: options.source.value } : {}) }
  const look = Effect.map(answered(baseUrl)(client.deliveries.events({ query })), ({ rows }) => rows)
  if (options.follow) return yield* follow(look, print(options.format))
  yield* print(options.format)((yield* look).toReversed())
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
    limit: Flag.Int("limit").pipe(
      Flag.withDescription("How many of the latest, 1 to 200"),
      Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 }))),
      Flag.withDefault(50)
    ),
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withDescription("Go on with what happens, until Ctrl-C"),
      Flag.withDefault(false)
    ),
    format: Flag.Literals("format", ["text", "json"]).pipe(
      Flag.withDescription("text for people, json (one object per line) for tools"),
      Flag.withDefault("text")
    )
  },
  events
).pipe(Command.withDescription("Show the service's latest events, and with --follow those to come"))
