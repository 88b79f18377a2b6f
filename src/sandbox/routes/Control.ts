/**
 * `/_sandbox`: the sandbox's own endpoints, for people who run the demo and for tests in another process. No credentials;
 * the sandbox listens on loopback only.
 */
import { Effect, Schema } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { json, SandboxRefusal } from "../Answer.ts"
import { bodyObject } from "../Body.ts"
import { checkRunView } from "../CheckRuns.ts"
import { makeControl } from "../Control.ts"
import { endpoint } from "../Endpoint.ts"
import { FaultSpec } from "../Fault.ts"
import { explainIssues } from "../Scenario.ts"
import { type Delivery, State } from "../State.ts"
import { issue as issueView } from "../Views.ts"
import { CompletedRun } from "../WorkflowRunEvent.ts"

const control = Effect.map(State, makeControl)

/** Decodes the body strictly and names every problem. */
const body = <A>(schema: Schema.Codec<A, unknown>) => {
  const decode = Schema.decodeUnknownEffect(schema, { onExcessProperty: "error", errors: "all" })
  return Effect.flatMap(bodyObject, (value) =>
    decode(value).pipe(
      Effect.mapError(({ issue }) => new SandboxRefusal({ status: 400, message: explainIssues(issue).join("; ") }))
    )
  )
}

const deliveryView = ({ payload: _payload, requestHeaders: _headers, ...rest }: Delivery) => rest

const runBody = Schema.Struct({
  ...CompletedRun.fields,
  /** Sends the delivery under this GUID. */
  deliveryId: Schema.optionalKey(Schema.String)
})

/** Completes a run, delivers it to the webhook URL and answers with what the service answered. */
const completeRun = endpoint(
  "POST",
  "/_sandbox/runs",
  Effect.gen(function* () {
    const { deliveryId, ...run } = yield* body(runBody)
    const sandbox = yield* control
    const payload = yield* sandbox.completeRun(run)
    const delivery = yield* sandbox.deliver(payload, deliveryId === undefined ? {} : { deliveryId })
    return json({ run: payload.workflow_run.id, delivery: deliveryView(delivery) }, { status: 201 })
  }).pipe(
    Effect.catchTag("NotInScenario", ({ message }) => Effect.fail(new SandboxRefusal({ status: 404, message }))),
    Effect.catchTag("NoWebhookUrl", ({ message }) => Effect.fail(new SandboxRefusal({ status: 409, message })))
  )
)

const getState = endpoint(
  "GET",
  "/_sandbox/state",
  Effect.gen(function* () {
    const state = yield* State
    const sandbox = makeControl(state)
    return json({
      app: { id: state.app.id, slug: state.app.slug },
      webhookUrl: state.webhookUrl ?? null,
      startedRuns: yield* sandbox.startedRuns(),
      issues: [...state.repositories.values()].flatMap((repository) =>
        repository.issues
          .filter(({ deleted }) => !deleted)
          .map((item) => ({
            ...issueView(state, repository, item),
            comments_list: item.comments.map((comment) => comment.body)
          }))
      ),
      checkRuns: [...state.repositories.values()].flatMap((repository) =>
        repository.checkRuns.map((item) => ({
          repository: repository.fullName,
          ...checkRunView(state, repository, item)
        }))
      ),
      deliveries: (yield* sandbox.deliveries).map(deliveryView),
      requests: yield* sandbox.requests,
      faults: state.faults.map(({ fault, left }) => ({ ...fault, path: String(fault.path), left }))
    })
  })
)

const addFault = endpoint(
  "POST",
  "/_sandbox/faults",
  Effect.gen(function* () {
    const fault = yield* body(FaultSpec)
    yield* (yield* control).injectFault(fault)
    return json(fault, { status: 201 })
  })
)

const removeFaults = endpoint(
  "DELETE",
  "/_sandbox/faults",
  Effect.gen(function* () {
    yield* (yield* control).clearFaults
    return HttpServerResponse.empty({ status: 204 })
  })
)

/** The routes of this file. */
export const layer = HttpRouter.addAll([completeRun, getState, addFault, removeFaults])
