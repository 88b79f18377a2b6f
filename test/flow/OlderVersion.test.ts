/**
 * Two versions side by side, as while traffic is shifted: messages and ledger items of the version before 0.1.0's release
 * (`fixtures/older/OneDelivery.jsonl`: one delivery with one target, everything that it left in queues and ledger) are read by this one.
 */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, type Schema } from "effect"
import { dispatch } from "../../src/flow/Dispatch.ts"
import { FactMessage } from "../../src/flow/FactMessages.ts"
import { plan } from "../../src/flow/Plan.ts"
import { DispatchMessage, PlanMessage, ReportMessage } from "../../src/flow/Queues.ts"
import { report } from "../../src/flow/Report.ts"
import { type Appended, type Attributes, Table } from "../../src/ports/Table.ts"
import { messageDecoder, messageVersion } from "../../src/queue/MessageDecoder.ts"
import { StartedWorkflows } from "../../src/testing/fakes/Memory.ts"
import { scenario, set } from "./Harness.ts"

type Line =
  | readonly ["message", "plan" | "order" | "report" | "fact", { readonly [name: string]: unknown }]
  | readonly ["item", partition: string, sort: string, Attributes]
const lines = readFileSync(new URL("../fixtures/older/OneDelivery.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Line)
const items = lines.flatMap(
  (line): ReadonlyArray<Appended> =>
    line[0] === "item" ? [{ key: { table: "ledger", partition: line[1], sort: line[2] }, attributes: line[3] }] : []
)
const messagesOf = (queue: string) =>
  lines.flatMap((line) => (line[0] === "message" && line[1] === queue ? [line[2]] : []))

const schemas = { plan: PlanMessage, order: DispatchMessage, report: ReportMessage, fact: FactMessage }
/** The older messages of a queue, as this version reads them. */
const read = <A>(queue: keyof typeof schemas, schema: Schema.Codec<A, unknown>) =>
  messagesOf(queue).map((message, index) => ({
    ...{ id: String(index), attempt: 1, lastAttempt: false, offeredAt: 0 },
    body: Result.getOrThrow(messageDecoder(schema)(JSON.stringify(message)))
  }))
const started = Effect.map(
  StartedWorkflows.use(({ all }) => all),
  (all) => all.length
)

/** Two repositories that agree, as in the fixture. */
const agree = Effect.gen(function* () {
  yield* set("acme/shop", {
    outbound: [{ source: { workflow: "ci.yml" }, targets: [{ repository: "target-0", workflow: "cd.yml" }] }]
  })
  yield* set("acme/target-0", {
    inbound: [{ source: { repository: "shop", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml" }] }]
  })
})

describe("what the version before left", () => {
  it.each(Object.keys(schemas) as ReadonlyArray<keyof typeof schemas>)("in the %s queue is read", (queue) => {
    const messages = messagesOf(queue)
    assert.isNotEmpty(messages)
    for (const message of messages) {
      const decode = messageDecoder<unknown>(schemas[queue] as Schema.Codec<unknown, unknown>)
      assert.isTrue(Result.isSuccess(decode(JSON.stringify(message))), JSON.stringify(message))
    }
  })

  it("has what a newer version may add, which this one does not mind; a newer format waits for its reader", () => {
    const [message] = messagesOf("plan")
    const decode = messageDecoder(PlanMessage)
    assert.isTrue(Result.isSuccess(decode(JSON.stringify({ ...message, addedLater: { a: 1 } }))))
    const newer = decode(JSON.stringify({ ...message, version: messageVersion + 1 }))
    assert.deepInclude(Result.getOrThrow(Result.flip(newer)), { isNewer: true })
  })

  scenario(
    "unplanned, is planned and started once",
    Effect.gen(function* () {
      yield* agree
      yield* plan.handleAll(read("plan", PlanMessage))
      yield* dispatch.handleAll(read("order", DispatchMessage))
      assert.strictEqual(yield* started, 1)
    })
  )

  scenario(
    "in the ledger is read by every stage, and what was started is not started again",
    Effect.gen(function* () {
      yield* agree
      yield* (yield* Table).append(items)
      const verdicts = [
        ...(yield* plan.handleAll(read("plan", PlanMessage))),
        ...(yield* dispatch.handleAll(read("order", DispatchMessage))),
        ...(yield* report.handleAll(read("report", ReportMessage).slice(0, 1)))
      ]
      assert.deepStrictEqual(
        verdicts.map(({ _tag }) => _tag),
        ["Done", "Done", "Done"]
      )
      assert.strictEqual(yield* started, 0)
    })
  )
})
