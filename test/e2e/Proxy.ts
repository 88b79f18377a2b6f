/**
 * Stands between the functions and everything that outlives them: DynamoDB, SQS, EventBridge, Secrets Manager, GitHub. Whatever they do
 * there is a request that passes here, so dying before one, or before its answer, is dying between any two steps.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  request as send
} from "node:http"
import { buffer } from "node:stream/consumers"
import { Effect } from "effect"

/** A request or its answer, on its way. */
export interface Passing {
  /** Tells requests apart; the same before and after. */
  readonly id: number
  readonly moment: "before" | "after"
  /** `TransactWriteItems`, `SendMessageBatch`; at GitHub `POST /repos/…`. */
  readonly operation: string
  /** Whose credentials it has; AWS's requests only. */
  readonly caller: string
  /** `DynamoDB_20120810.GetItem`; AWS's requests only. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}
/** What comes of it: it goes on, the connection breaks, nothing comes any more, or this is the answer. */
export type Ruling = "pass" | "lost" | "silent" | { readonly status: number; readonly body: object }
/** Rules over everything that passes. */
export type Rule = (passing: Passing) => Ruling

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

let requests = 0

const serve = async (target: URL, rule: Rule, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const id = requests++
  const body = await buffer(request)
  const passing = { id, ...about(request), body }
  /** Whether the request, or its answer, goes on. */
  const passes = (moment: Passing["moment"]): boolean => {
    const ruling = rule({ ...passing, moment })
    if (ruling === "lost") request.socket.destroy()
    else if (typeof ruling === "object") {
      response
        .writeHead(ruling.status, { "content-type": "application/x-amz-json-1.0" })
        .end(JSON.stringify(ruling.body))
    }
    return ruling === "pass"
  }
  if (!passes("before")) return
  const { answer, bytes } = await forward(target, request, body)
  if (!passes("after")) return
  response.writeHead(answer.statusCode ?? 502, answer.rawHeaders).end(bytes)
}

/** A proxy before a server; gives its address. */
export const proxy = (target: string, rule: Rule) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly close: () => void }>((resume) => {
      const server = createServer((request, response) => {
        serve(new URL(target), rule, request, response).catch(() => request.socket.destroy())
      }).listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        const close = () => {
          server.close()
          server.closeAllConnections()
        }
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ url }) => url))
