/**
 * `dispatcher send`: posts a payload to the service as GitHub does, signed over the bytes that are sent. For trying a service out, and for
 * sending again what is at hand as a file. The secret is read from the environment and shown nowhere.
 */
import { randomUUID } from "node:crypto"
import { Config, Console, Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { ownOrigin } from "./Environment.ts"
import { CommandFailed, innermost, ProblemsFound } from "./Failures.ts"
import { askable } from "./HttpAddress.ts"
import { fileArgument, readInput } from "./Input.ts"
import { type Parcel, post } from "./SignedPost.ts"
import { DeliveryGuid } from "./SoughtRun.ts"
import { during, paint, plain } from "./Terminal.ts"

/** GitHub sends no bodies over 25 MB; a little more shows what the service says of them. */
const mostBytes = 32 * 1024 * 1024
/** Most characters of an answer that are shown. */
const mostShown = 2000

const secretIn = (name: string) =>
  Effect.mapError(
    Config.schema(Schema.Redacted(Schema.NonEmptyString), name),
    () => new CommandFailed({ message: `${name} is not set; nothing can be signed (--secret-env names another)` })
  )

/** The payload, which is never empty: there is nothing to sign in nothing. */
const readPayload = Effect.fnUntraced(function* (file: string) {
  const bytes = yield* readInput(file, mostBytes)
  if (bytes.length === 0) return yield* new CommandFailed({ message: `${file} is empty; there is nothing to send` })
  if (bytes.length > mostBytes) {
    return yield* new CommandFailed({ message: `${file} is larger than 32 MiB; GitHub sends at most 25 MB` })
  }
  return bytes.toString()
})

/** Sends a parcel and prints the answer; an answer other than 2xx is a problem found. */
export const send = Effect.fn("cli.send")(function* (parcel: Parcel) {
  const { status, body } = yield* during(`waiting for ${parcel.to}`)(
    Effect.mapError(
      post(parcel),
      (error) => new CommandFailed({ message: `${parcel.to} does not answer: ${innermost(error)}` })
    )
  )
  const isGood = status >= 200 && status < 300
  const answer = body.length > mostShown ? `${body.slice(0, mostShown)}…` : body
  yield* Console.log(`${paint(isGood ? "green" : "red", String(status))} ${plain(answer)}`)
  yield* Console.log(paint("dim", `delivery ${parcel.deliveryId}, event ${parcel.event}, to ${parcel.to}`))
  if (!isGood) return yield* new ProblemsFound({ count: 1 })
})

const EventName = Schema.String.check(Schema.isPattern(/^[a-z_]{1,64}$/, { expected: "an event such as workflow_run" }))

export const command = Command.make(
  "send",
  {
    file: fileArgument("payload").pipe(Argument.withDescription("The payload, a JSON file; - is standard input")),
    to: Flag.String("to").pipe(
      Flag.withDescription("Where to. Default: the service here, http://HOST:PORT/webhooks/github"),
      Flag.optional
    ),
    event: Flag.String("event").pipe(
      Flag.withDescription("X-GitHub-Event. Default: workflow_run"),
      Flag.withSchema(EventName),
      Flag.withDefault("workflow_run")
    ),
    secretEnv: Flag.String("secret-env").pipe(
      Flag.withDescription("The environment variable that holds the webhook secret. Default: GITHUB_WEBHOOK_SECRET"),
      Flag.withDefault("GITHUB_WEBHOOK_SECRET")
    ),
    delivery: Flag.String("delivery").pipe(
      Flag.withDescription("X-GitHub-Delivery. Default: a new GUID"),
      Flag.withSchema(DeliveryGuid),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ file, to, event, secretEnv, delivery }) {
    yield* send({
      to: Option.isSome(to) ? yield* askable("--to", to.value) : `${yield* ownOrigin}/webhooks/github`,
      payload: yield* readPayload(file),
      event,
      deliveryId: Option.getOrElse(delivery, () => randomUUID()),
      secret: yield* secretIn(secretEnv)
    })
  })
).pipe(
  Command.withDescription("Sign a payload and post it to the service, as GitHub would"),
  Command.withExamples([
    { command: "dispatcher send completed.json", description: "To the service on this machine" },
    {
      command: "dispatcher send completed.json --to https://dispatcher.example.com/webhooks/github",
      description: "To another one, signed with its secret in GITHUB_WEBHOOK_SECRET"
    }
  ])
)
