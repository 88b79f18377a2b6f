/**
 * Stands between the functions and everything that outlives them: DynamoDB, SQS, EventBridge, Secrets Manager, GitHub. Whatever they do
 * there is a request that passes here, so dying before one, or before its answer, is dying between any two steps.
 */
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, request as send } from "node:http"
import { buffer } from "node:stream/consumers"
import { Effect } from "effect"
import { failsAfter, failsBefore, perform, type Script, type ScriptedFault } from "../../src/testing/FaultScript.ts"
import { loopback } from "../fixtures/Loopback.ts"

/** A request on its way. */
export interface Passing {
  /** `TransactWriteItems`, `SendMessageBatch`; at GitHub `POST /repos/…`. */
  readonly operation: string
  /** Whose credentials it has; AWS's requests only. */
  readonly caller: string
  /** `DynamoDB_20120810.GetItem`; AWS's requests only. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}
/** An error that is an answer. */
export class Refusal extends Error {
  readonly status: number
  readonly body: object
  constructor(status: number, body: object) {
    super(`refused with ${status}`)
    this.status = status
    this.body = body
  }
}
/** The connection breaks. */
class Broken extends Error {}

/** The request is lost. */
export const lostBefore = failsBefore(new Broken())
/** The answer is lost. */
export const lostAfter = failsAfter(new Broken())
/** At every so many steps the connection breaks, at most so many times; a step is a request or its answer. */
export const lostEach = (steps: number, times = Number.POSITIVE_INFINITY, whenLost = Effect.void): ScriptedFault => {
  let passed = 0
  let left = times
  const step = Effect.suspend(() => {
    passed += 1
    if (passed % steps !== 0 || left === 0) return Effect.void
    left -= 1
    return Effect.andThen(whenLost, Effect.fail(new Broken()))
  })
  return (act, { input }) => step.pipe(Effect.andThen(act(...input)), Effect.tap(step))
}

/** Sees everything that passes, before the faults do, and may refuse it. */
export type Gate = (passing: Passing) => Effect.Effect<void, Refusal>

const about = ({ headers, method, url }: IncomingMessage) => {
  const target = String(headers["x-amz-target"] ?? "")
  const operation = target === "" ? `${method} ${url}` : (target.split(".").at(-1) ?? "")
  const [, caller = ""] = /Credential=(\w+)\//.exec(headers.authorization ?? "") ?? []
  return { operation, caller, target, headers }
}

const forward = (target: URL, { method, url = "/", headers }: IncomingMessage, body: Buffer) =>
  new Promise<{ readonly answer: IncomingMessage; readonly bytes: Buffer }>((resolve, reject) => {
    const { hostname, port } = target
    const outgoing = send({ hostname, port, method, path: url, headers }, (answer) => {
      buffer(answer).then((bytes) => resolve({ answer, bytes }), reject)
    })
    outgoing.once("error", reject).end(body)
  })

const serve = async (
  target: URL,
  script: Script,
  gate: Gate,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> => {
  const passing: Passing = { ...about(request), body: await buffer(request) }
  const pass = () => Effect.tryPromise({ try: () => forward(target, request, passing.body), catch: (error) => error })
  const answering = Effect.andThen(gate(passing), perform(script, passing.operation, pass, passing))
  try {
    const { answer, bytes } = (await Effect.runPromise(answering)) as Awaited<ReturnType<typeof forward>>
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders).end(bytes)
  } catch (error) {
    if (!(error instanceof Refusal)) return void request.socket.destroy()
    response.writeHead(error.status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(error.body))
  }
}

/** A proxy before a server, with a script of faults; gives its address. */
export const proxy = (target: string, script: Script, gate: Gate = () => Effect.void) =>
  loopback((request, response) => {
    serve(new URL(target), script, gate, request, response).catch(() => request.socket.destroy())
  })
