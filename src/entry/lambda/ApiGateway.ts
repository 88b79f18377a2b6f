/**
 * API Gateway's events (HTTP API, payload format 2.0) as requests, and responses as what it wants back: bytes stay what they are. Nothing here
 * is a `Request`, `Headers` or `Response` of Node: the first of them loads Node's HTTP client, which takes a third of a cold start.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { isUtf8 } from "node:buffer"
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda"
import { Schema } from "effect"
import { Cookies, HttpServerResponse } from "effect/http"

/** The header in which {@link toRequest} hands on the client's address: API Gateway's word, not the client's. */
export const clientAddressHeader = "x-forwarded-for"

const HttpEvent = Schema.Struct({
  version: Schema.Literal("2.0"),
  rawPath: Schema.String,
  rawQueryString: Schema.String,
  headers: Schema.Record(Schema.String, Schema.String),
  requestContext: Schema.Struct({
    stage: Schema.String,
    domainName: Schema.String,
    http: Schema.Struct({ method: Schema.String, sourceIp: Schema.String })
  })
})

/** Whether this is an event of an HTTP API in payload format 2.0, as far as it is looked at. */
export const isHttpEvent: (event: unknown) => boolean = Schema.is(HttpEvent)

/** A stage other than `$default` is the first part of the path, which the routes know nothing of. */
const pathOf = ({ rawPath, requestContext: { stage } }: APIGatewayProxyEventV2): string =>
  stage !== "$default" && rawPath.startsWith(`/${stage}/`) ? rawPath.slice(stage.length + 1) : rawPath

/** Path and query as they arrived: an URL would resolve dots in them. */
export const requestTargetOf = (event: APIGatewayProxyEventV2): string =>
  `${pathOf(event)}${event.rawQueryString === "" ? "" : `?${event.rawQueryString}`}`

/** What came from the client, less what it might say about proxies: there is none but API Gateway. */
const headersOf = ({ headers, cookies, requestContext }: APIGatewayProxyEventV2): Map<string, string> => {
  const given = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) given.set(name.toLowerCase(), value)
  if (cookies !== undefined) given.set("cookie", cookies.join("; "))
  given.delete("x-forwarded-host")
  given.set("x-forwarded-proto", "https")
  given.set(clientAddressHeader, requestContext.http.sourceIp)
  return given
}

/** A `Request`, as far as `HttpServerRequest.fromWeb` reads it. */
export interface EventRequest extends Pick<Request, "method" | "url" | "body" | "arrayBuffer"> {
  readonly headers: ReadonlyMap<string, string>
}

/** The request that an event is about, its body byte for byte. */
export const toRequest = (event: APIGatewayProxyEventV2): EventRequest => {
  const { method } = event.requestContext.http
  const takesBody = method !== "GET" && method !== "HEAD"
  const bytes = takesBody
    ? Uint8Array.from(Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8"))
    : null
  const target = requestTargetOf(event)
  return {
    method,
    url: `https://${event.requestContext.domainName}${target.startsWith("/") ? "" : "/"}${target}`,
    headers: headersOf(event),
    arrayBuffer: async () => bytes?.buffer ?? new ArrayBuffer(0),
    get body() {
      return bytes === null ? null : new Blob([bytes]).stream()
    }
  }
}

const bytesOf = async (response: HttpServerResponse.HttpServerResponse): Promise<Uint8Array> => {
  const { body } = response
  if (body._tag === "Uint8Array") return body.body
  return body._tag === "Empty"
    ? new Uint8Array()
    : new Uint8Array(await HttpServerResponse.toWeb(response).arrayBuffer())
}

/** A response for API Gateway; as base64 where it is not text. */
export const toResult = async (
  response: HttpServerResponse.HttpServerResponse,
  withoutBody = false
): Promise<APIGatewayProxyStructuredResultV2> => {
  const bytes = Buffer.from(withoutBody ? new Uint8Array() : await bytesOf(response))
  const isText = isUtf8(bytes) && response.headers["content-encoding"] === undefined
  const cookies = Cookies.toSetCookieHeaders(response.cookies)
  return {
    statusCode: response.status,
    headers: { ...response.headers },
    ...(cookies.length === 0 ? {} : { cookies }),
    body: bytes.toString(isText ? "utf8" : "base64"),
    isBase64Encoded: !isText
  }
}
