/**
 * Stands for EventBridge and Secrets Manager on loopback: their JSON protocol, the few operations that we use, their limits, and a
 * script of faults. What arrives on the bus is kept as the events that EventBridge would put into a queue.
 */
import { randomUUID } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { Context, Effect, Layer } from "effect"
import {
  changesAnswer,
  failsAfter,
  failsBefore,
  perform,
  Script,
  type ScriptedCall,
  type ScriptedFault
} from "../../../src/testing/FaultScript.ts"
import { loopback } from "../../fixtures/Loopback.ts"

interface Entry {
  readonly EventBusName?: string
  readonly Source?: string
  readonly DetailType?: string
  readonly Detail?: string
  readonly TraceHeader?: string
}

/** What a request asked for. */
interface RequestBody {
  readonly Entries?: ReadonlyArray<Entry>
  readonly SecretId?: string
}
type Operation = "PutEvents" | "GetSecretValue"

/** The entries of a request to put events. */
export const entriesOf = ({ input: [body] }: ScriptedCall): ReadonlyArray<Entry> => (body as RequestBody).Entries ?? []

export class AwsStub extends Context.Service<
  AwsStub,
  {
    readonly url: string
    /** The requests that came, and the faults that those to come will meet. */
    readonly faults: Script<Operation>
    /** The events on the bus, as the text of queue messages. */
    readonly events: Effect.Effect<ReadonlyArray<string>>
    readonly setSecret: (
      arn: string,
      secret: { readonly text?: string; readonly binary?: string }
    ) => Effect.Effect<void>
  }
>()("dispatcher/test/adapters/aws/AwsStub") {}

/** An answer that is an error. */
class ServiceError extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message = "") {
    super(message)
    this.status = status
    this.code = code
  }
}
/** The connection breaks. */
class Dropped extends Error {}

/** The service refuses. */
export const refusedAs = (status: number, code: string): ScriptedFault => failsBefore(new ServiceError(status, code))
/** The connection breaks before the service has acted. */
export const droppedBefore = failsBefore(new Dropped())
/** The connection breaks when the service has acted. */
export const droppedAfter = failsAfter(new Dropped())
/** The answer is cut off. */
export const cutOff = changesAnswer((answer) => JSON.stringify(answer).slice(0, 5))
/** `PutEvents` does not do the entries that have a code here. */
export const undone =
  (...codes: ReadonlyArray<string | undefined>): ScriptedFault =>
  (act, call) => {
    const entries = entriesOf(call)
    const others = entries.filter((_, index) => codes[index] === undefined)
    const answer = others.length === 0 ? Effect.succeed({ Entries: [] }) : act({ Entries: others })
    return Effect.map(answer, (done) => {
      const given = (done as { readonly Entries: ReadonlyArray<object> }).Entries.values()
      const Entries = entries.map((_, index) =>
        codes[index] === undefined
          ? given.next().value
          : { ErrorCode: codes[index], ErrorMessage: "made up by the test" }
      )
      return { FailedEntryCount: entries.length - others.length, Entries }
    })
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
  readonly faults = new Script<Operation>()
  readonly events: Array<string> = []
  readonly secrets = new Map<string, { readonly text?: string; readonly binary?: string }>()

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = (String(request.headers["x-amz-target"]).split(".").at(-1) ?? "") as Operation
    const act = (body: unknown) =>
      Effect.try({ try: () => this.#act(operation, body as RequestBody), catch: (error) => error })
    const send = (status: number, body: string) => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" })
      response.end(body)
    }
    try {
      const answer = await Effect.runPromise(perform(this.faults, operation, act, JSON.parse(await text(request))))
      send(200, typeof answer === "string" ? answer : JSON.stringify(answer))
    } catch (error) {
      if (error instanceof Dropped) return void request.socket.destroy()
      const { status = 500, code = "InternalFailure", message = "" } = error as Partial<ServiceError>
      send(status, JSON.stringify({ __type: code, message }))
    }
  }

  #act(operation: Operation, body: RequestBody): object {
    switch (operation) {
      case "PutEvents":
        return this.#putEvents(body.Entries ?? [])
      case "GetSecretValue":
        return this.#getSecretValue(body.SecretId ?? "")
      default:
        throw new ServiceError(400, "UnknownOperationException", operation)
    }
  }

  #putEvents(entries: ReadonlyArray<Entry>): object {
    if (entries.length === 0 || entries.length > 10)
      throw new ServiceError(400, "ValidationException", "1 to 10 entries")
    const size = entries.reduce((sum, entry) => sum + bytesOf(entry), 0)
    if (size >= 256 * 1024)
      throw new ServiceError(400, "ValidationException", "Total size of the entries in the request is over the limit.")
    const Entries = entries.map((entry) => {
      const EventId = randomUUID()
      this.events.push(envelope(entry, EventId))
      return { EventId }
    })
    return { FailedEntryCount: 0, Entries }
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

const make = Effect.gen(function* () {
  const stub = new Stub()
  const url = yield* loopback((request, response) => void stub.answer(request, response))
  return AwsStub.of({
    url,
    faults: stub.faults,
    events: Effect.sync(() => [...stub.events]),
    setSecret: (arn, secret) => Effect.sync(() => void stub.secrets.set(arn, secret))
  })
})

/** A stub of its own. */
export const layer: Layer.Layer<AwsStub> = Layer.effect(AwsStub, make)
