/**
 * Stands for EventBridge and Secrets Manager on loopback: their JSON protocol, the few operations that we use, their limits, and trouble
 * on demand. What arrives on the bus is kept as the events that EventBridge would put into a queue.
 */
import { randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { Context, Effect, Layer } from "effect"

/** What a request meets instead of an answer. */
export type Trouble =
  /** An error of the service. */
  | { readonly _tag: "Refused"; readonly status: number; readonly code: string }
  /** The connection breaks, before or after the service has acted. */
  | { readonly _tag: "Dropped"; readonly acted: boolean }
  /** Nothing comes back. */
  | { readonly _tag: "Silent" }
  /** An answer that is cut off. */
  | { readonly _tag: "Garbled" }
  /** `PutEvents` does not do the entries that have a code here. */
  | { readonly _tag: "Partial"; readonly codes: ReadonlyArray<string | undefined> }

interface Entry {
  readonly EventBusName?: string
  readonly Source?: string
  readonly DetailType?: string
  readonly Detail?: string
  readonly TraceHeader?: string
}

/** A request as it came. */
export interface Asked {
  /** `PutEvents`, `GetSecretValue`. */
  readonly operation: string
  readonly body: { readonly Entries?: ReadonlyArray<Entry>; readonly SecretId?: string }
}

export class AwsStub extends Context.Service<
  AwsStub,
  {
    readonly url: string
    /** What the next requests of an operation meet, one each; then all goes well. */
    readonly trouble: (operation: string, ...troubles: ReadonlyArray<Trouble>) => Effect.Effect<void>
    /** Forgets all trouble that was still to come. */
    readonly calm: Effect.Effect<void>
    readonly asked: Effect.Effect<ReadonlyArray<Asked>>
    /** The events on the bus, as the text of queue messages. */
    readonly events: Effect.Effect<ReadonlyArray<string>>
    readonly setSecret: (
      arn: string,
      secret: { readonly text?: string; readonly binary?: string }
    ) => Effect.Effect<void>
  }
>()("dispatcher/test/adapters/aws/AwsStub") {}

class ServiceError extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message = "") {
    super(message)
    this.status = status
    this.code = code
  }
}

const bytesOf = ({ Source = "", DetailType = "", Detail = "" }: Entry): number =>
  Buffer.byteLength(Source + DetailType + Detail)

const envelope = ({ Source, DetailType, Detail = "" }: Entry, id: string): string =>
  JSON.stringify({
    version: "0",
    id,
    "detail-type": DetailType,
    source: Source,
    account: "123456789012",
    time: new Date().toISOString(),
    region: "us-east-1",
    resources: [],
    detail: JSON.parse(Detail)
  })

class Stub {
  readonly asked: Array<Asked> = []
  readonly events: Array<string> = []
  readonly secrets = new Map<string, { readonly text?: string; readonly binary?: string }>()
  readonly #troubles = new Map<string, Array<Trouble>>()

  add(operation: string, troubles: ReadonlyArray<Trouble>): void {
    this.#troubles.set(operation, [...(this.#troubles.get(operation) ?? []), ...troubles])
  }

  calm(): void {
    this.#troubles.clear()
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? ""
    const body = JSON.parse(await text(request)) as Asked["body"]
    this.asked.push({ operation, body })
    const trouble = this.#troubles.get(operation)?.shift()
    if (trouble?._tag === "Silent") return
    if (trouble?._tag === "Dropped" && !trouble.acted) return void request.socket.destroy()
    try {
      if (trouble?._tag === "Refused") throw new ServiceError(trouble.status, trouble.code)
      const result = this.#act(operation, body, trouble?._tag === "Partial" ? trouble.codes : [])
      if (trouble?._tag === "Dropped") return void request.socket.destroy()
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" })
      response.end(trouble?._tag === "Garbled" ? '{"Entr' : JSON.stringify(result))
    } catch (error) {
      const { status = 500, code = "InternalFailure", message = "" } = error as Partial<ServiceError>
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" })
      response.end(JSON.stringify({ __type: code, message }))
    }
  }

  #act(operation: string, body: Asked["body"], codes: ReadonlyArray<string | undefined>): object {
    switch (operation) {
      case "PutEvents":
        return this.#putEvents(body.Entries ?? [], codes)
      case "GetSecretValue":
        return this.#getSecretValue(body.SecretId ?? "")
      default:
        throw new ServiceError(400, "UnknownOperationException", operation)
    }
  }

  #putEvents(entries: ReadonlyArray<Entry>, codes: ReadonlyArray<string | undefined>): object {
    if (entries.length === 0 || entries.length > 10)
      throw new ServiceError(400, "ValidationException", "1 to 10 entries")
    const size = entries.reduce((sum, entry) => sum + bytesOf(entry), 0)
    if (size >= 256 * 1024)
      throw new ServiceError(400, "ValidationException", "Total size of the entries in the request is over the limit.")
    const Entries = entries.map((entry, index) => {
      const ErrorCode = codes[index]
      if (ErrorCode !== undefined) return { ErrorCode, ErrorMessage: "made up by the test" }
      const EventId = randomUUID()
      this.events.push(envelope(entry, EventId))
      return { EventId }
    })
    return { FailedEntryCount: codes.filter((code) => code !== undefined).length, Entries }
  }

  #getSecretValue(arn: string): object {
    const secret = this.secrets.get(arn)
    if (secret === undefined) throw new ServiceError(400, "ResourceNotFoundException", "no such secret")
    return {
      ARN: arn,
      ...(secret.text === undefined ? {} : { SecretString: secret.text }),
      ...(secret.binary === undefined ? {} : { SecretBinary: secret.binary })
    }
  }
}

const listen = (stub: Stub) =>
  Effect.callback<{ readonly url: string; readonly close: Effect.Effect<void> }>((resume) => {
    const server = createServer((request, response) => void stub.answer(request, response))
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      const close = Effect.callback<void>((closed) => {
        server.close(() => closed(Effect.void))
        server.closeAllConnections()
      })
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close }))
    })
  })

const make = Effect.gen(function* () {
  const stub = new Stub()
  const { url } = yield* Effect.acquireRelease(listen(stub), ({ close }) => close)
  return AwsStub.of({
    url,
    trouble: (operation, ...troubles) => Effect.sync(() => stub.add(operation, troubles)),
    calm: Effect.sync(() => stub.calm()),
    asked: Effect.sync(() => [...stub.asked]),
    events: Effect.sync(() => [...stub.events]),
    setSecret: (arn, secret) => Effect.sync(() => void stub.secrets.set(arn, secret))
  })
})

/** A stub of its own. */
export const layer: Layer.Layer<AwsStub> = Layer.effect(AwsStub, make)
