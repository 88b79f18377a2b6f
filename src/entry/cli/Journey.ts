/** `dispatcher journey` and `dispatcher replay`: what became of a delivery, and having it planned again. */
import { Console, Effect, type Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { DeliveryId } from "../../domain/SourceRun.ts"
import { factLine, traceLine } from "./EventText.ts"
import { answered, service, urlFlag } from "./Service.ts"
import { DeliveryGuid } from "./SoughtRun.ts"
import { during, mark } from "./Terminal.ts"

/** Prints everything that followed from a delivery. */
const journeyOf = Effect.fn("cli.journey")(function* (
  id: DeliveryId,
  url: Option.Option<string>,
  format: "text" | "json"
) {
  const { client, baseUrl } = yield* service(url)
  const asking = answered(baseUrl)(client.lists.journey({ params: { id } }))
  const { facts } = yield* during(`asking ${baseUrl}`, format)(asking)
  yield* Console.log(
    format === "json" ? JSON.stringify(facts, null, 2) : [...facts.map(factLine), ...traceLine(facts)].join("\n")
  )
})

/** Has a delivery planned again. */
const replay = Effect.fn("cli.replay")(function* (id: DeliveryId, url: Option.Option<string>) {
  const { client, baseUrl } = yield* service(url)
  const asking = answered(baseUrl)(client.commands.replay({ params: { id } }))
  const { generation } = yield* during(`asking ${baseUrl}`)(asking)
  yield* Console.log(`${mark(true)} ${id} is planned again (replay ${generation}); dispatcher journey ${id} shows it.`)
})

const delivery = Argument.String("delivery").pipe(
  Argument.withDescription("The delivery's GUID, X-GitHub-Delivery"),
  Argument.withSchema(DeliveryGuid)
)

export const journeyCommand = Command.make(
  "journey",
  {
    delivery,
    url: urlFlag,
    format: Flag.Literals("format", ["text", "json"]).pipe(
      Flag.withDescription("text for people, json (CloudEvents) for tools. Default: text"),
      Flag.withDefault("text")
    )
  },
  ({ delivery, url, format }) => journeyOf(delivery, url, format)
).pipe(
  Command.withDescription(
    "Show everything that followed from a delivery: first what is about its run, then target by target"
  )
)

export const replayCommand = Command.make("replay", { delivery, url: urlFlag }, ({ delivery, url }) =>
  replay(delivery, url)
).pipe(Command.withDescription("Have a delivery planned again; only what has no successful outcome is dispatched"))
