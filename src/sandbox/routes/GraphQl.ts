/**
 * `POST /graphql`. https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
 */
import { Clock, Effect, Schema } from "effect"
import { HttpRouter } from "effect/http"
import { json, SandboxRefusal } from "../Answer.ts"
import { bodyObject } from "../Body.ts"
import { requireInstallation } from "../Caller.ts"
import { endpoint } from "../Endpoint.ts"
import { execute } from "../graphql/Execute.ts"
import { rateBucketOf } from "../RateLimits.ts"
import { State } from "../State.ts"

const decodeQuery = Schema.decodeUnknownEffect(
  Schema.Struct({
    query: Schema.String,
    variables: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown)))
  })
)

const graphql = endpoint(
  "POST",
  "/graphql",
  Effect.gen(function* () {
    const caller = yield* requireInstallation
    const state = yield* State
    const { query, variables } = yield* decodeQuery(yield* bodyObject).pipe(
      Effect.mapError(
        () => new SandboxRefusal({ status: 400, message: "A query attribute must be specified and must be a string." })
      )
    )
    const bucket = rateBucketOf(state, caller, "graphql", yield* Clock.currentTimeMillis)
    return json(execute(query, variables ?? {}, { state, token: caller.token, bucket }))
  })
)

/** The routes of this file. */
export const layer = HttpRouter.addAll([graphql])
