/** API Gateway on loopback: HTTP in, events of an HTTP API to a function, its results out. Without a result it answers 500, as AWS does. */
import type { IncomingMessage } from "node:http"
import { buffer } from "node:stream/consumers"
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda"
import { Effect } from "effect"
import { loopback } from "../../fixtures/Loopback.ts"
import type { LambdaFunction } from "./Functions.ts"

/** The event of a request; every second body comes as base64, since API Gateway decides that by rules of its own. */
const eventOf = (request: IncomingMessage, body: Buffer, asBase64: boolean): APIGatewayProxyEventV2 => {
  const { pathname, search } = new URL(request.url ?? "/", "http://gateway")
  const { cookie, ...headers } = request.headers
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: pathname,
    rawQueryString: search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split("; ") }),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    requestContext: {
      accountId: "000000000000",
      apiId: "api",
      domainName: "dispatcher.example.com",
      domainPrefix: "dispatcher",
      http: {
        method: request.method ?? "GET",
        path: pathname,
        protocol: "HTTP/1.1",
        sourceIp: "192.0.2.1",
        userAgent: String(headers["user-agent"])
      },
      requestId: "request",
      routeKey: "$default",
      stage: "$default",
      time: "",
      timeEpoch: 0
    },
    body: body.toString(asBase64 ? "base64" : "utf8"),
    isBase64Encoded: asBase64
  }
}

/** Listens for the functions, which are chosen by the path; gives its address. */
export const gateway = (target: (path: string) => LambdaFunction) => {
  let count = 0
  return loopback(async (request, response) => {
    const body = await buffer(request)
    const event = eventOf(request, body, count++ % 2 === 1)
    const answered = await Effect.runPromise(Effect.option(target(event.rawPath).invoke(event, 10_000)))
    if (answered._tag === "None") return response.writeHead(500).end('{"message":"Internal Server Error"}')
    const {
      statusCode = 200,
      headers = {},
      body: text = "",
      isBase64Encoded = false
    } = answered.value as APIGatewayProxyStructuredResultV2
    const given = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
    return response
      .writeHead(statusCode, Object.fromEntries(given))
      .end(Buffer.from(text, isBase64Encoded ? "base64" : "utf8"))
  })
}
