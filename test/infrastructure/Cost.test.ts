/** The cost table is about what Terraform makes, and infrastructure/README.md has it whole. */
import { assert, describe, it } from "@effect/vitest"
import { windows } from "../../bench/cost/Batches.ts"
import { accessLine, billOf, megabytes, services } from "../../bench/cost/Bill.ts"
import { free, prices, standing } from "../../bench/cost/Prices.ts"
import { noWork } from "../../bench/cost/Work.ts"
import { alarmMetrics } from "../../src/ports/AlarmMetrics.ts"
import { files, read } from "./Files.ts"

const modules = "infrastructure/terraform/modules"
const code = files
  .filter((path) => path.startsWith("infrastructure/terraform/") && path.endsWith(".tf"))
  .map(read)
  .join("\n")

// That `standing` is what is planned, `terraform test` says (modules/dispatcher/tests/wiring.tftest.hcl).
describe("what stands there", () => {
  it("has alarms about one metric each: CloudWatch bills every metric in an alarm", () => {
    assert.notInclude(code, "metric_query")
    assert.isAbove(standing.alarms, 0)
  })

  it("has the metrics of the code, and those of the access log", () => {
    const counted = /counted_answers = \{(.*)\}/.exec(read(`${modules}/dispatcher/metrics.tf`))?.[1]?.split(",") ?? []
    assert.strictEqual(standing.metrics + standing.rareMetrics, Object.keys(alarmMetrics).length + counted.length)
  })
})

describe("the bill", () => {
  it("has the memory of functions as it is by default", () => {
    const inputs = read(`${modules}/dispatcher/variables.tf`)
    for (const [name, memory] of Object.entries(megabytes))
      assert.match(
        inputs,
        new RegExp(`^ +${name} += optional\\(object\\(\\{ memory_mb = optional\\(number, ${memory}\\)`, "m")
      )
  })

  it("has the lines of the access log as Terraform has them", () => {
    const format =
      /format = jsonencode\(\{\n([\s\S]*?)\n +\}\)/.exec(read(`${modules}/dispatcher/receive.tf`))?.[1] ?? ""
    const names = [...format.matchAll(/^ +(\w+) += /gm)].map(([, name]) => name)
    assert.sameMembers(Object.keys(JSON.parse(accessLine)), names)
  })

  it("has the windows of the event sources", () => {
    const said = [...code.matchAll(/ (plan|fact|report)_window_seconds += (\d+)/g)]
    assert.deepStrictEqual(Object.fromEntries(said.map(([, name, seconds]) => [name, Number(seconds)])), windows)
  })

  const some = { times: 1, work: { ...noWork(), table: 1 } }
  const delivery = {
    ...{ ledgerWrites: 1, ledgerReads: 1, factWrites: 1, factReads: 1, facts: 2, messages: 1 },
    messageBytes: 2000,
    ...{ plan: some, order: some, report: some, record: some, resultLedgerWrites: 1, resultFactWrites: 1 },
    storedByteMonths: { ledger: 1000, events: 0, projections: 0 }
  }
  const bill = (deliveries: number, more: Partial<typeof delivery> = {}) =>
    billOf(
      {
        delivery: { ...delivery, ...more },
        front: { accepted: noWork(), ignored: noWork() },
        rollup: { writes: 0, reads: 0 }
      },
      deliveries
    )

  it("is that of its services together", () => {
    const { services: each, together } = bill(1000)
    assert.strictEqual(each.length, services.length)
    assert.closeTo(
      each.reduce((sum, one) => sum + one, 0),
      together,
      1e-9
    )
  })

  it("takes off no more than is always free, and no more than is used", () => {
    const [idle, huge] = [bill(0), bill(1e9)]
    assert.isBelow(idle.off, idle.together)
    const most =
      free.invocations * prices.invocation +
      free.gigabyteSeconds * prices.gigabyteSecond +
      free.queueRequests * prices.queueRequest +
      free.storedBytes * prices.storedByte +
      free.loggedBytes * prices.loggedByte +
      free.sentBytes * prices.sentByte +
      Math.min(free.metrics, standing.metrics + standing.rareMetrics / 10) * prices.metricMonth +
      Math.min(free.alarms, standing.alarms) * prices.alarmMonth +
      Math.min(free.dashboards, standing.dashboards) * prices.dashboardMonth +
      free.keyRequests * prices.keyRequest
    assert.closeTo(huge.off, most, 1e-6)
  })

  it("pays for events and messages by what carries facts, however many those are, and for recording by what comes together", () => {
    const of = (more: Partial<typeof delivery>) => {
      const { services: each } = bill(1000, more)
      return (service: (typeof services)[number]) => each[services.indexOf(service)] ?? Number.NaN
    }
    const [one, more] = [of({}), of({ facts: 7 })]
    for (const service of services) assert.strictEqual(more(service), one(service), service)
    const two = of({ messages: 2, messageBytes: 2 * delivery.messageBytes })
    assert.closeTo(two("EventBridge"), 2 * one("EventBridge"), 1e-9)
    assert.isAtLeast(two("SQS") - one("SQS"), 1000 * prices.queueRequest)
    assert.strictEqual(two("Lambda"), one("Lambda"))
    assert.isAbove(of({ record: { ...some, times: 2 } })("Lambda"), one("Lambda"))
  })

  it("pays for recovery of the ledger and the event log, and not of what is made anew from them", () => {
    const of = (byteMonths: Partial<typeof delivery.storedByteMonths>) =>
      bill(1000, { storedByteMonths: { ledger: 0, events: 0, projections: 0, ...byteMonths } }).together
    const bytes = 1000 * 1e6
    assert.closeTo(of({ ledger: 1e6 }) - of({ projections: 1e6 }), bytes * prices.recoverableByte, 1e-9)
    assert.closeTo(of({ events: 1e6 }), of({ ledger: 1e6 }), 1e-9)
  })
})

describe("infrastructure/README.md", () => {
  const readme = read("infrastructure/README.md")
  const section = readme.slice(readme.indexOf("## Cost"), readme.indexOf("### What would save more"))
  const rows = [...section.matchAll(/^\| (.*) \|$/gm)].map(([, row = ""]) => row.split(" | "))

  it("has the table that the bench prints: npm run bench cost", () => {
    assert.deepStrictEqual(
      rows.map(([first]) => first),
      ["dollars a month", "---", ...services, "**together**", "less what is always free"]
    )
    for (const row of rows) assert.strictEqual(row.length, 8)
  })

  it("adds up", () => {
    const numbers = rows.slice(2).map((row) => row.slice(1).map((text) => Number(text.replaceAll(/[*,]/g, ""))))
    const together = numbers[services.length] ?? []
    for (const [column, total] of together.entries()) {
      const sum = numbers.slice(0, services.length).reduce((all, row) => all + (row[column] ?? Number.NaN), 0)
      assert.closeTo(sum, total, 4)
    }
  })
})
