/**
 * API Gateway's events (HTTP API, payload format 2.0) as web requests, and web responses as what it wants back: bytes stay what they are.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { isUtf8 } from "node:buffer"
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda"
import { Schema } from "effect"

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
const headersOf = ({ headers, cookies, requestContext }: APIGatewayProxyEventV2): Headers => {
  const given = new Headers()
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) given.set(name, value)
  if (cookies !== undefined) given.set("cookie", cookies.join("; "))
  given.delete("x-forwarded-host")
  given.set("x-forwarded-proto", "https")
  given.set(clientAddressHeader, requestContext.http.sourceIp)
  return given
}

/** The request that an event is about, its body byte for byte. */
export const toRequest = (event: APIGatewayProxyEventV2, signal?: AbortSignal): Request => {
  const { method } = event.requestContext.http
  const takesBody = method !== "GET" && method !== "HEAD"
  const body = takesBody ? Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8") : null
  const target = requestTargetOf(event)
  return new Request(`https://${event.requestContext.domainName}${target.startsWith("/") ? "" : "/"}${target}`, {
    method,
    headers: headersOf(event),
    body,
    ...(signal === undefined ? {} : { signal })
  })
}

/** A response for API Gateway; as base64 where it is not text. */
export const toResult = async (response: Response): Promise<APIGatewayProxyStructuredResultV2> => {
  const bytes = Buffer.from(await response.arrayBuffer())
  const isText = isUtf8(bytes) && !response.headers.has("content-encoding")
  const cookies = response.headers.getSetCookie()
  return {
    statusCode: response.status,
    headers: Object.fromEntries([...response.headers].filter(([name]) => name !== "set-cookie")),
    ...(cookies.length === 0 ? {} : { cookies }),
    body: bytes.toString(isText ? "utf8" : "base64"),
    isBase64Encoded: !isText
  }
}
