/**
 * `/_sandbox`: the sandbox's own endpoints, for people who run the demo and for tests in another process. No credentials;
 * the sandbox listens on loopback only.
 */
import { Effect, Schema } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { json, SandboxRefusal } from "../Answer.ts"
import { bodyObject } from "../Body.ts"
import { checkRunView } from "../CheckRuns.ts"
import { makeControl, StartedRunEnd } from "../Control.ts"
import { endpoint, idParam } from "../Endpoint.ts"
import { FaultSpec } from "../Fault.ts"
import { explainIssues } from "../Scenario.ts"
import { type Delivery, State } from "../State.ts"
import { issue as issueView } from "../Views.ts"
import { CompletedRun, type NotInScenario } from "../WorkflowRunEvent.ts"

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

const refuseUnknown = ({ message }: NotInScenario) => Effect.fail(new SandboxRefusal({ status: 404, message }))

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
    Effect.catchTag("NotInScenario", refuseUnknown),
    Effect.catchTag("NoWebhookUrl", ({ message }) => Effect.fail(new SandboxRefusal({ status: 409, message })))
  )
)

/** Completes a run that the App started, delivers it and answers with what the service answered. */
const completeStarted = endpoint(
  "POST",
  "/_sandbox/runs/:run/completion",
  Effect.gen(function* () {
    const run = yield* idParam("run")
    const delivery = yield* (yield* control).completeStarted(run, yield* body(StartedRunEnd))
    return json({ run, delivery: delivery === undefined ? null : deliveryView(delivery) }, { status: 201 })
  }).pipe(Effect.catchTag("NotInScenario", refuseUnknown))
)

const deleteRun = endpoint(
  "DELETE",
  "/_sandbox/runs/:run",
  Effect.gen(function* () {
    yield* (yield* control).deleteRun(yield* idParam("run"))
    return HttpServerResponse.empty({ status: 204 })
  }).pipe(Effect.catchTag("NotInScenario", refuseUnknown))
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
export const layer = HttpRouter.addAll([completeRun, completeStarted, deleteRun, getState, addFault, removeFaults])
