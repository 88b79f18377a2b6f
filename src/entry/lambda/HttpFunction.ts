/** A function behind API Gateway: the same routes as on a server. It answers in time, whatever its stores do. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda"
import { Context, Duration, Effect, identity, Layer, Option } from "effect"
import { HttpEffect, HttpServerRequest, HttpServerResponse } from "effect/http"
import { traceparentOfXray } from "../../adapters/aws/sqs/XRayHeader.ts"
import { spanOf } from "../../queue/TraceContext.ts"
import * as Addresses from "../routes/Addresses.ts"
import { clientAddressHeader, isHttpEvent, requestTargetOf, toRequest, toResult } from "./ApiGateway.ts"
import type { Invocation, Ready } from "./Function.ts"

/** Answers the events of API Gateway; made by {@link layer}. */
export class Web extends Context.Service<
  Web,
  { readonly answer: (event: APIGatewayProxyEventV2) => Effect.Effect<APIGatewayProxyStructuredResultV2> }
>()("dispatcher/entry/lambda/HttpFunction/Web") {}

/** API Gateway's word for the client's address is the address. */
const requestOf = (event: APIGatewayProxyEventV2) => {
  const request = HttpServerRequest.fromWeb(toRequest(event) as unknown as Request)
  return request.modify({
    url: requestTargetOf(event),
    remoteAddress: Option.fromUndefinedOr(request.headers[clientAddressHeader])
  })
}

/** What answers by these routes. */
export const layer = <A, E, R>(routes: Layer.Layer<A, E, R>) =>
  Layer.effect(
    Web,
    Effect.gen(function* () {
      const app = yield* Addresses.toApp(routes, ({ url }) => url)
      const handle = Effect.fnUntraced(function* (event: APIGatewayProxyEventV2) {
        const request = requestOf(event)
        let result: APIGatewayProxyStructuredResultV2 | undefined
        const keep = (_: unknown, response: HttpServerResponse.HttpServerResponse) =>
          Effect.promise(async () => {
            result = await toResult(response, request.method === "HEAD")
          })
        yield* HttpEffect.toHandled(app, keep).pipe(
          Effect.provideService(HttpServerRequest.HttpServerRequest, request),
          // What fails is an answer, too, and has been given.
          Effect.catchCause((cause) => (result === undefined ? Effect.failCause(cause) : Effect.void))
        )
        return result ?? (yield* Effect.die("a request was handled without an answer"))
      })
      const context = yield* Effect.context<Effect.Services<ReturnType<typeof handle>>>()
      return { answer: (event: APIGatewayProxyEventV2) => provided(handle(event), context) }
    })
  )

const provided = <A, R>(effect: Effect.Effect<A, never, R>, context: Context.Context<R>): Effect.Effect<A> =>
  Effect.provideContext(effect, context)

/** GitHub gives up after 10 s, and the answer has to get there. */
const answerWithin = Duration.seconds(8)
/** What is left of the invocation for getting an answer out. */
const reserve = Duration.millis(500)

const answer = (status: number, body: object) => HttpServerResponse.jsonUnsafe(body, { status })

const late = Effect.promise(() =>
  toResult(answer(503, { status: "unavailable", reason: "this takes too long; try again later" }))
)

/** What is answered to an event of another kind: a test of the console, or an integration in payload format 1.0. */
const notHttp = Effect.gen(function* () {
  const reason = "this function answers events of an API Gateway HTTP API in payload format 2.0, and this is none"
  yield* Effect.logWarning("an event is no request").pipe(Effect.annotateLogs({ why: reason }))
  return yield* Effect.promise(() => toResult(answer(400, { status: "not a request", reason })))
})

/** Where the request comes from, if that is traced: API Gateway and Lambda speak X-Ray. */
const origin = ({ headers }: APIGatewayProxyEventV2) =>
  spanOf(headers.traceparent) ?? spanOf(traceparentOfXray(process.env._X_AMZN_TRACE_ID ?? headers["x-amzn-trace-id"]))

/** The handler. */
export const httpHandler =
  ({ run }: Ready<Web>) =>
  (event: APIGatewayProxyEventV2, invocation: Invocation): Promise<APIGatewayProxyStructuredResultV2> => {
    if (!isHttpEvent(event)) return run(notHttp, invocation)
    const left = Duration.subtract(Duration.millis(invocation.getRemainingTimeInMillis()), reserve)
    const parent = origin(event)
    return run(
      Web.use(({ answer }) => answer(event)).pipe(
        Effect.timeoutOrElse({ duration: Duration.min(left, answerWithin), orElse: () => late }),
        parent === undefined ? identity : Effect.withParentSpan(parent)
      ),
      invocation
    )
  }
