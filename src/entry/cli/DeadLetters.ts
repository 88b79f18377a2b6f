/** `dispatcher dead-letters`: what a running service gave up, and putting it back. By the service's API, on one machine and on AWS. */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { counted } from "../../domain/Sentence.ts"
import { type QueuedLetter, QueueName } from "../../flow/DeadLetters.ts"
import { WrongUsage } from "./Failures.ts"
import { wholeFlag } from "./Input.ts"
import { answered, service, urlFlag } from "./Service.ts"
import { during, mark } from "./Terminal.ts"

const describe = ({ queue, id, diedAt, attempts, reason }: QueuedLetter): string =>
  `${queue} ${id}  ${new Date(diedAt).toISOString()}  ${counted(attempts, "attempt")}  ${reason}`

const list = Effect.fn("cli.deadLetters.list")(function* (
  queue: Option.Option<QueueName>,
  limit: number,
  url: Option.Option<string>,
  format: "text" | "json"
) {
  const { client, baseUrl } = yield* service(url)
  const query = { limit, ...(Option.isSome(queue) ? { queue: queue.value } : {}) }
  const asking = answered(baseUrl)(client.deadLetters.deadLetters({ query }))
  const { letters } = yield* during(`asking ${baseUrl}`, format)(asking)
  if (format === "json") return yield* Console.log(JSON.stringify(letters, null, 2))
  if (letters.length === 0) return yield* Console.log(`${mark(true)} There are no dead letters.`)
  yield* Console.log(letters.map(describe).join("\n"))
})

const show = Effect.fn("cli.deadLetters.show")(function* (queue: QueueName, id: string, url: Option.Option<string>) {
  const { client, baseUrl } = yield* service(url)
  const asking = answered(baseUrl)(client.deadLetters.deadLetter({ params: { queue, id } }))
  yield* Console.log(JSON.stringify(yield* during(`asking ${baseUrl}`, "json")(asking), null, 2))
})

const redrive = Effect.fn("cli.deadLetters.redrive")(function* (
  queue: QueueName,
  id: Option.Option<string>,
  all: boolean,
  url: Option.Option<string>
) {
  if (Option.isSome(id) === all) return yield* new WrongUsage({ message: "Give either an id or --all" })
  const { client, baseUrl } = yield* service(url)
  const payload = { queue, ...(Option.isSome(id) ? { id: id.value } : {}) }
  const asking = answered(baseUrl)(client.commands.redrive({ payload }))
  const { redriven } = yield* during(`asking ${baseUrl}`)(asking)
  yield* Console.log(`${mark(true)} ${counted(redriven, "message")} put back into the ${queue} queue.`)
})

const queueArgument = Argument.Literals("queue", QueueName.literals).pipe(
  Argument.withDescription("The queue: plan, order, report or fact")
)
const idArgument = Argument.String("id").pipe(Argument.withDescription("The dead letter's id, as list shows it"))

const listCommand = Command.make(
  "list",
  {
    queue: Flag.Literals("queue", QueueName.literals).pipe(Flag.withDescription("Only of this queue"), Flag.optional),
    limit: wholeFlag("limit", 1, 200).pipe(
      Flag.withDescription("How many, 1 to 200. Default: 50"),
      Flag.withDefault(50)
    ),
    url: urlFlag,
    format: Flag.Literals("format", ["text", "json"]).pipe(
      Flag.withDescription("text for people, json for tools. Default: text"),
      Flag.withDefault("text")
    )
  },
  ({ queue, limit, url, format }) => list(queue, limit, url, format)
).pipe(Command.withDescription("List what was given up, newest first"))

const showCommand = Command.make("show", { queue: queueArgument, id: idArgument, url: urlFlag }, (given) =>
  show(given.queue, given.id, given.url)
).pipe(Command.withDescription("Show one dead letter with its body, as JSON"))

const redriveCommand = Command.make(
  "redrive",
  {
    queue: queueArgument,
    id: Argument.optional(idArgument),
    all: Flag.Boolean("all").pipe(Flag.withDescription("All dead letters of the queue"), Flag.withDefault(false)),
    url: urlFlag
  },
  ({ queue, id, all, url }) => redrive(queue, id, all, url)
).pipe(
  Command.withDescription("Put dead letters back as new messages: tried for 3 days again, the last of their group")
)

export const command = Command.make("dead-letters").pipe(
  Command.withDescription("List, show and put back what the service gave up"),
  Command.withSubcommands([listCommand, showCommand, redriveCommand]),
  Command.withExamples([
    { command: "dispatcher dead-letters list --queue order", description: "Orders that were given up, and why" },
    { command: "dispatcher dead-letters redrive order --all", description: "Try them again, once the reason is mended" }
  ])
)
