/**
 * What the functions may do is what they do: in a story in which everything happens that can, nothing is refused, and nothing is allowed
 * for which there is no use.
 */
import { SendMessageCommand } from "@aws-sdk/client-sqs"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { functionNames } from "../../../scripts/build-lambda.ts"
import { queueVariables } from "../../../src/adapters/aws/AwsResources.ts"
import { ReportedRun, reportedRun } from "../../../src/domain/Report.ts"
import { Acceptance } from "../../../src/domain/SourceRun.ts"
import { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../../../src/flow/Queues.ts"
import { AwaitedItem, encodeItem } from "../../../src/ledger/Items.ts"
import { awaitedKey, reportKey, waitingKey } from "../../../src/ledger/Keys.ts"
import { Ledger, type OrderStanding } from "../../../src/ledger/Ledger.ts"
import { Table } from "../../../src/ports/Table.ts"
import { freshMarks, unfoldedMark } from "../../../src/readmodel/Marks.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import type { WorkflowRunCompleted } from "../../../src/sandbox/WorkflowRunEvent.ts"
import { always, failsBefore } from "../../../src/testing/FaultScript.ts"
import { standingsOf } from "../../fixtures/Standings.ts"
import { complete, completeAndDeliver, keyOf, startedIn, until } from "../Journeys.ts"
import type { Passing } from "../Proxy.ts"
import { scenario, shop, source, startPath, target } from "../Scenarios.ts"
import * as Bundles from "./Bundles.ts"
import { adminToken, Cloud, cloud } from "./Cloud.ts"
import * as Emulators from "./Emulators.ts"
import { ifJava } from "./Java.ts"
import { granted } from "./Permissions.ts"
import { refusal } from "./Refusal.ts"

/** What is allowed although it has no use here, as `FUNCTION: ACTION on RESOURCE`, each with why: nothing. */
const exceptions: ReadonlySet<string> = new Set()

const targets = ["acme/deploy", "acme/docs", "acme/portal"]

/** GitHub is out of reach for a plan, for an order and for a report, and loses an answer. */
const github = scenario(
  [
    source(shop.repository, [...targets, "acme/payments"]),
    ...targets.map((name) => target(name)),
    target("acme/payments", "inbound: []")
  ],
  {
    faults: [
      { method: "POST", path: "/graphql", answer: { status: 502 }, times: 6 },
      { method: "POST", path: startPath("acme/docs"), drop: "after" },
      { method: "POST", path: startPath("acme/portal"), answer: { status: 502 }, times: 2 },
      { method: "POST", path: `/repos/${shop.repository}/issues`, answer: { status: 502 }, times: 2 }
    ]
  }
)
const world = cloud(github).pipe(Layer.provideMerge(Layer.merge(Bundles.layerQuick, Emulators.layer)))

/** A report of the run waits beside its issue; who writes to the issue next takes it along, and removes it. */
const leaveWaiting = Effect.fnUntraced(function* (payload: WorkflowRunCompleted) {
  const table = yield* Table
  const ledger = yield* Ledger
  const key = keyOf(payload)
  const plan = Option.getOrThrow(yield* ledger.plan(key)).value
  const { deliveryId, acceptedAt, run, generation } = plan
  const attributes = {
    of: encodeItem(Acceptance, { deliveryId, acceptedAt, run, generation }),
    summary: encodeItem(ReportedRun, reportedRun(plan, new Map()))
  }
  yield* table.write({ _tag: "Put", key: waitingKey(reportKey(run.repositoryId, run.workflow), key), attributes })
})

/** A run with very many facts is folded by Rollup. */
const leaveUnfolded = Effect.fnUntraced(function* (payload: WorkflowRunCompleted) {
  const table = yield* Table
  yield* table.append(yield* freshMarks([unfoldedMark(keyOf(payload))]))
})

/** What no stage understands goes to the dead letters. */
const sendNonsense = Effect.gen(function* () {
  const { environment } = yield* Cloud
  const { sqs } = yield* Emulators.Emulators
  for (const { url } of Object.values(queueVariables)) {
    const QueueUrl = environment[url] ?? ""
    const place = QueueUrl.endsWith(".fifo") ? { MessageGroupId: "nonsense", MessageDeduplicationId: "nonsense" } : {}
    const message = new SendMessageCommand({ QueueUrl, MessageBody: '{"version":1}', ...place })
    yield* Effect.promise(() => sqs.send(message))
  }
  const queues = [yield* PlanQueue, yield* OrderQueue, yield* ReportQueue, yield* FactQueue]
  for (const { deadLetters } of queues) yield* until(deadLetters(1), ({ length }) => length === 1)
})

/** Something signs with another secret, in GitHub's name. */
const sendForged = Effect.gen(function* () {
  const { url } = yield* Cloud
  const headers = { "user-agent": "GitHub-Hookshot/1", "x-hub-signature-256": `sha256=${"0".repeat(64)}` }
  // More than a row for each instance of the function.
  for (let n = 0; n < 20; n++) {
    yield* Effect.promise(() => fetch(`${url}/webhooks/github`, { method: "POST", headers, body: "{}" }))
  }
})

const ask = Effect.fnUntraced(function* (path: string, init: RequestInit = {}) {
  const { url, said } = yield* Cloud
  const headers = { authorization: `Bearer ${adminToken}`, "content-type": "application/json" }
  const response = yield* Effect.promise(() => fetch(`${url}/admin/api${path}`, { headers, ...init }))
  const text = yield* Effect.promise(() => response.text())
  assert.isBelow(response.status, 300, `${path}: ${text}\n${yield* said}`)
})

/** Everything that the dashboard can be asked. */
const lookAround = Effect.fnUntraced(function* (deliveryId: string) {
  const lists = ["health", "figures", "trends", "repositories", "workflows", "filters", "deliveries", "events"]
  for (const path of lists) yield* ask(`/${path}`)
  yield* ask(`/deliveries/${deliveryId}/journey`)
  yield* ask(`/deliveries/${deliveryId}/replay`, { method: "POST" })
  yield* ask("/dead-letters")
  for (const queue of Object.keys(queueVariables)) {
    yield* ask("/dead-letters/redrive", { method: "POST", body: JSON.stringify({ queue }) })
  }
  const run = { repository: shop.repository, workflow: shop.workflow, branch: "main" }
  yield* ask("/explain", { method: "POST", body: JSON.stringify({ run }) })
})

/** A delivery that SQS refused comes again; the sweep after that forgets it. */
const sweep = Effect.gen(function* () {
  const { faults, tick } = yield* Cloud
  const sandbox = yield* Sandbox
  yield* faults.on("SendMessageBatch", always(failsBefore(refusal("AccessDenied"))))
  const lost = yield* complete()
  yield* sandbox.deliver(lost)
  yield* faults.clear
  yield* tick("sweeper")
  yield* until(startedIn(lost), ({ length }) => length === targets.length)
  yield* tick("sweeper")
})

/** The result of one started run comes with a delivery; that of another, overdue since yesterday, is asked for. */
const results = Effect.fnUntraced(function* (payload: WorkflowRunCompleted) {
  const { tick } = yield* Cloud
  const sandbox = yield* Sandbox
  const table = yield* Table
  const ledger = yield* Ledger
  const run = keyOf(payload)
  const standings = Effect.map(standingsOf(ledger, run), (all) =>
    all.filter(({ outcome }) => outcome?._tag === "Dispatched")
  )
  const known = Effect.map(standings, (all) => all.filter(({ result }) => result !== undefined).length)
  const [first, second] = yield* until(standings, ({ length }) => length === targets.length)
  const startedBy = (of: OrderStanding | undefined) =>
    (of?.outcome?._tag === "Dispatched" ? of.outcome.started?.id : undefined) ?? assert.fail("GitHub names the run")
  yield* sandbox.completeStarted(Number(startedBy(first)), { conclusion: "failure" })
  yield* until(known, (count) => count === 1)
  const { order } = second ?? assert.fail("two were started")
  yield* table.write({
    _tag: "Put",
    key: awaitedKey(Date.now() - 86_400_000, order.target.repository, startedBy(second)),
    attributes: encodeItem(AwaitedItem, { run, order: order.id, asked: 0 })
  })
  const { repository, workflow } = order.target
  yield* sandbox.completeRun({ repository, workflow, run: Number(startedBy(second)), conclusion: "success" })
  yield* tick("sweeper")
  yield* until(known, (count) => count >= 2)
})

ifJava("the functions' permissions", () => {
  layer(world, { excludeTestServices: true, timeout: "10 minutes" })((it) => {
    it.effect("are what they need: nothing is missing, and nothing is too much", () =>
      Effect.gen(function* () {
        const { permissions, faults, tick } = yield* Cloud
        yield* sendForged
        yield* sendNonsense
        const throttled = failsBefore(refusal("com.amazonaws.dynamodb.v20120810#ThrottlingException"))
        /** So often that it might be what the function dies of. */
        const hasWaited = () => permissions.used.get("facts")?.has("dynamodb:PutItem on tables/ledger") === true
        yield* faults.on("BatchWriteItem", (_, { input: [passing] }) =>
          (passing as Passing).caller === "facts" && !hasWaited() ? throttled : undefined
        )
        const { payload, delivery } = yield* completeAndDeliver()
        yield* until(startedIn(payload), ({ length }) => length === targets.length)
        yield* leaveWaiting(payload)
        yield* until(Effect.sync(hasWaited), (yes) => yes)
        yield* results(payload)
        yield* sweep
        yield* leaveUnfolded(payload)
        yield* tick("rollup")
        yield* lookAround(delivery.guid)
        yield* tick("rollup")
        assert.deepStrictEqual([...permissions.refused], [])
        const unused = functionNames.flatMap((name) =>
          [...(granted.get(name) ?? [])]
            .filter((one) => permissions.used.get(name)?.has(one) !== true)
            .map((one) => `${name}: ${one}`)
        )
        assert.deepStrictEqual(new Set(unused), exceptions)
      })
    )
  })
})
