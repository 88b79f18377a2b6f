/**
 * `dispatcher send`: posts a payload to the service as GitHub does, signed over the bytes that are sent. For trying a service out, and for
 * sending again what is at hand as a file. The secret is read from the environment and shown nowhere.
 */
import { randomUUID } from "node:crypto"
import { sign } from "@octokit/webhooks-methods"
import { Config, Console, Effect, Option, Redacted, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { FetchHttpClient, HttpBody, HttpClient, HttpClientRequest } from "effect/http"
import { DeliveryId } from "../../domain/SourceRun.ts"
import { variables } from "../Configuration.ts"
import { environment } from "./Environment.ts"
import { CommandFailed, ProblemsFound } from "./Failures.ts"
import { readInput } from "./Input.ts"
import { paint } from "./Style.ts"

/** What is sent, and how it is signed. */
export interface Parcel {
  readonly payload: string
  readonly to: string
  readonly event: string
  readonly deliveryId: string
  readonly secret: Redacted.Redacted
}

/** GitHub waits this long for an answer. */
const patience = "10 seconds"

const secretIn = (name: string) =>
  Effect.mapError(
    Config.schema(Schema.Redacted(Schema.NonEmptyString), name),
    () => new CommandFailed({ message: `${name} is not set; nothing can be signed (--secret-env names another)` })
  )

/** Where the service of this environment listens. */
const ownAddress = Effect.map(
  environment({ HOST: variables.HOST, PORT: variables.PORT }),
  ({ HOST, PORT }) => `http://${HOST.includes(":") ? `[${HOST}]` : HOST}:${PORT}/webhooks/github`
)

/** GitHub's headers: https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers */
const post = Effect.fnUntraced(function* ({ payload, to, event, deliveryId, secret }: Parcel) {
  const signature = yield* Effect.promise(() => sign(Redacted.value(secret), payload))
  const response = yield* HttpClientRequest.post(to).pipe(
    HttpClientRequest.setBody(HttpBody.text(payload, "application/json")),
    HttpClientRequest.setHeaders({
      "user-agent": "GitHub-Hookshot/dispatcher",
      "x-github-event": event,
      "x-github-delivery": deliveryId,
      "x-hub-signature-256": signature
    }),
    HttpClient.execute
  )
  return { status: response.status, body: yield* response.text }
})

/** Sends a parcel and prints the answer; an answer other than 2xx is a problem found. */
export const send = Effect.fn("cli.send")(function* (parcel: Parcel) {
  const { status, body } = yield* post(parcel).pipe(
    Effect.timeout(patience),
    Effect.mapError(({ message }) => new CommandFailed({ message: `${parcel.to} does not answer: ${message}` })),
    Effect.provide(FetchHttpClient.layer)
  )
  const isGood = status >= 200 && status < 300
  yield* Console.log(`${paint(isGood ? "green" : "red", String(status))} ${body}`)
  yield* Console.log(paint("dim", `delivery ${parcel.deliveryId}, event ${parcel.event}, to ${parcel.to}`))
  if (!isGood) return yield* new ProblemsFound({ count: 1 })
})

export const command = Command.make(
  "send",
  {
    file: Argument.String("payload").pipe(Argument.withDescription("The payload, a JSON file; - is standard input")),
    to: Flag.String("to").pipe(
      Flag.withDescription("Where to. Default: the service here, http://HOST:PORT/webhooks/github"),
      Flag.optional
    ),
    event: Flag.String("event").pipe(Flag.withDescription("X-GitHub-Event"), Flag.withDefault("workflow_run")),
    secretEnv: Flag.String("secret-env").pipe(
      Flag.withDescription("The environment variable that holds the webhook secret"),
      Flag.withDefault("GITHUB_WEBHOOK_SECRET")
    ),
    delivery: Flag.String("delivery").pipe(
      Flag.withDescription("X-GitHub-Delivery. Default: a new GUID"),
      Flag.withSchema(DeliveryId),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ file, to, event, secretEnv, delivery }) {
    yield* send({
      payload: yield* readInput(file),
      to: Option.isSome(to) ? to.value : yield* ownAddress,
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
