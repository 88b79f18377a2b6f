/** The built functions, from API Gateway's event to the started workflow, through whatever SQS, DynamoDB and EventBridge may do to them. */
import { SendMessageCommand } from "@aws-sdk/client-sqs"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { globalScope } from "../../../src/domain/Scope.ts"
import { DeliveryId } from "../../../src/domain/SourceRun.ts"
import { FactQueue, OrderQueue, PlanQueue } from "../../../src/flow/Queues.ts"
import { DashboardQueries } from "../../../src/readmodel/DashboardQueries.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { shutOutMessage } from "../../../src/sandbox/ShutOut.ts"
import type { WorkflowRunCompleted } from "../../../src/sandbox/WorkflowRunEvent.ts"
import { always, failsBefore, inTurn, none, type Occurrences, silent } from "../../../src/testing/FaultScript.ts"
import {
  checksOf,
  complete,
  completeAndDeliver,
  decisionsOf,
  idle,
  outcomesOf,
  startedFor,
  startedIds,
  startedIn,
  until
} from "../Journeys.ts"
import { lostAfter } from "../Proxy.ts"
import { scenario, shop, source, startPath, target } from "../Scenarios.ts"
import { assertDiscreet, assertTraces, isComplete, secretsOf } from "../Tracing.ts"
import * as Bundles from "./Bundles.ts"
import { Cloud, cloud } from "./Cloud.ts"
import * as Emulators from "./Emulators.ts"
import { ifJava } from "./Java.ts"
import { backwards, batches, twice } from "./Poller.ts"
import { refusal } from "./Refusal.ts"

const targets = ["acme/deploy", "acme/docs", "partner/portal"]
const world = cloud(
  scenario([
    source(shop.repository, [...targets, "acme/payments"]),
    ...targets.map((name) => target(name)),
    target("acme/payments", "inbound: []")
  ])
).pipe(Layer.provideMerge(Layer.merge(Bundles.layerQuick, Emulators.layer)))

/** Every allowed target was started once and is bound to its order; the denied one was not. */
const exactlyOnce = Effect.fnUntraced(function* (payload: WorkflowRunCompleted) {
  // On a busy machine, it takes a while to start all these processes.
  yield* Effect.retry(idle, { times: 2 })
  const { said, permissions } = yield* Cloud
  assert.deepStrictEqual(yield* startedIn(payload), targets, yield* said)
  assert.deepStrictEqual([...permissions.refused], [])
  assert.deepStrictEqual(yield* outcomesOf(payload), yield* startedIds(payload))
  assert.deepInclude(yield* decisionsOf(payload), { "acme/payments": "inbound_not_allowed" })
})

const on = (operation: string, occurrences: Occurrences) => Cloud.use(({ faults }) => faults.on(operation, occurrences))
/** All goes well again, whatever the test did. */
const fair = Cloud.use(({ faults }) => faults.clear)

ifJava("the functions", () => {
  layer(world, { excludeTestServices: true, timeout: "10 minutes" })((it) => {
    it.effect("start every allowed target once", () =>
      Effect.gen(function* () {
        const { payload, delivery } = yield* completeAndDeliver()
        assert.strictEqual(delivery.statusCode, 202, yield* (yield* Cloud).said)
        yield* exactlyOnce(payload)
      })
    )

    it.effect("make one trace of a delivery, and export no secret", () =>
      Effect.gen(function* () {
        const { collected, sentToGitHub } = yield* Cloud
        const deliveries = yield* (yield* Sandbox).deliveries
        const delivery = deliveries.find(({ statusCode }) => statusCode === 202)
        const all = yield* until(collected, isComplete)
        const journey = yield* (yield* DashboardQueries).journey(DeliveryId.make(delivery?.guid ?? ""))
        assertTraces(all, Option.isSome(journey) ? journey.value.facts : [], deliveries)
        assertDiscreet(all, yield* secretsOf(sentToGitHub), sentToGitHub)
      })
    )

    it.effect("follow what they started to its end, once, and show it in the one check run of the run", () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        const { payload } = yield* completeAndDeliver()
        yield* exactlyOnce(payload)
        assert.deepStrictEqual(yield* checksOf(payload), ["in progress: 1 refused, 3 under way"])
        for (const { id, repository } of yield* startedFor(payload)) {
          const conclusion = repository === "acme/docs" ? "failure" : "success"
          const ended = yield* sandbox.completeStarted(id, { conclusion })
          if (ended !== undefined) yield* sandbox.redeliver(ended)
        }
        const failed = "failure: 1 failed, 1 refused, 2 succeeded"
        yield* until(checksOf(payload), ([shown]) => shown === failed)
        yield* exactlyOnce(payload)
        assert.deepStrictEqual(yield* checksOf(payload), [failed])
      })
    )

    it.effect("stand duplicate and reordered messages, and copies of a delivery", () =>
      Effect.gen(function* () {
        yield* on(batches, always(backwards))
        yield* on(batches, always(twice))
        const sandbox = yield* Sandbox
        const payload = yield* complete()
        yield* Effect.all([sandbox.deliver(payload), sandbox.deliver(payload)], { concurrency: "unbounded" })
        yield* exactlyOnce(payload)
      }).pipe(Effect.ensuring(fair))
    )

    it.effect("stand throttling and conflicts in every table write, and lost answers", () =>
      Effect.gen(function* () {
        const throttled = refusal("com.amazonaws.dynamodb.v20120810#ThrottlingException")
        const conflict = refusal("com.amazonaws.dynamodb.v20120810#TransactionCanceledException", {
          CancellationReasons: [{ Code: "TransactionConflict", Message: "conflict" }]
        })
        yield* on("TransactWriteItems", inTurn(failsBefore(throttled), failsBefore(conflict), lostAfter, none))
        const metTransaction = refusal("com.amazonaws.dynamodb.v20120810#TransactionConflictException")
        for (const single of ["PutItem", "UpdateItem", "DeleteItem"])
          yield* on(single, inTurn(failsBefore(throttled), failsBefore(metTransaction), lostAfter, none))
        const { payload } = yield* completeAndDeliver()
        yield* exactlyOnce(payload)
      }).pipe(Effect.ensuring(fair))
    )

    it.effect("say 503 when SQS refuses a delivery, and take it when it comes again", () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        yield* on("SendMessageBatch", always(failsBefore(refusal("AccessDenied"))))
        const payload = yield* complete()
        assert.strictEqual((yield* sandbox.deliver(payload)).statusCode, 503)
        yield* fair
        assert.strictEqual((yield* sandbox.deliver(payload)).statusCode, 202)
        yield* exactlyOnce(payload)
      }).pipe(Effect.ensuring(fair))
    )

    it.effect("say 503 when SQS does not answer", () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        yield* on("SendMessageBatch", always(silent))
        const payload = yield* complete()
        // That this is within GitHub's time is in AwsCall.test.ts.
        assert.strictEqual((yield* sandbox.deliver(payload)).statusCode, 503)
      }).pipe(Effect.ensuring(fair))
    )

    it.effect("set a poisoned message aside, with the reason, and go on with the others", () =>
      Effect.gen(function* () {
        const { environment } = yield* Cloud
        const { sqs } = yield* Emulators.Emulators
        const poison = new SendMessageCommand({ QueueUrl: environment.PLAN_QUEUE_URL, MessageBody: '{"version":1}' })
        yield* Effect.promise(() => sqs.send(poison))
        const { payload } = yield* completeAndDeliver()
        yield* until(startedIn(payload), ({ length }) => length === targets.length)
        const plans = yield* PlanQueue
        const [letter] = yield* until(plans.deadLetters(1), ({ length }) => length === 1)
        assert.deepStrictEqual(letter?.body, { version: 1 })
        assert.include(letter?.reason ?? "", "does not decode")
        assert.strictEqual((yield* (yield* OrderQueue).depth).dead, 0)
      })
    )

    it.effect("count every fact once", () =>
      Effect.gen(function* () {
        const { tick } = yield* Cloud
        const queries = yield* DashboardQueries
        const { startedRuns } = yield* Sandbox
        const runs = (yield* startedRuns()).length
        const rolledUp = Effect.andThen(Effect.ignore(tick("rollup")), queries.figures(globalScope, "1h"))
        const { counts } = yield* until(rolledUp, ({ counts }) => counts.dispatched >= runs)
        assert.strictEqual((yield* (yield* FactQueue).depth).dead, 0)
        assert.deepInclude(counts, { dispatched: runs, queued: runs, failed: 0, unknown: 0 })
        assert.deepInclude(counts, { completed: 3, succeeded: 2, unsuccessful: 1, running: runs - 3, lost: 0 })
        assert.deepInclude(counts, { planned: runs / targets.length, denied: runs / targets.length })
      })
    )

    it.effect("have health name an owner that refuses a start, or a report, because it shuts the App out", () =>
      Effect.gen(function* () {
        const { tick, permissions } = yield* Cloud
        const sandbox = yield* Sandbox
        const queries = yield* DashboardQueries
        const refusing = (owner: string, path: string) => {
          const message = shutOutMessage({ account: owner, shutOutBy: "ip_allow_list" }) ?? ""
          return sandbox.injectFault({ method: "POST", path, answer: { status: 403, body: { message } } })
        }
        const complaints = Effect.andThen(Effect.ignore(tick("rollup")), queries.health).pipe(
          Effect.map(({ reasons }) => reasons.map(({ message }) => message).join("\n"))
        )
        yield* refusing("partner", startPath("partner/portal"))
        yield* completeAndDeliver()
        assert.include(
          yield* until(complaints, (all) => all.includes("shuts the App out")),
          "partner shuts the App out"
        )
        // Without its issue, a report opens another one.
        const open = yield* until(sandbox.issues(shop.repository), ({ length }) => length > 0)
        yield* Effect.forEach(open, ({ number }) => sandbox.deleteIssue(shop.repository, number))
        yield* refusing("acme", `/repos/${shop.repository}/issues`)
        yield* completeAndDeliver()
        assert.include(yield* until(complaints, (all) => all.includes("acme")), "acme shuts the App out")
        assert.deepStrictEqual([...permissions.refused], [])
      })
    )
  })
})
