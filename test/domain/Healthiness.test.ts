import { assert, describe, it } from "@effect/vitest"
import { figuresOf } from "../../src/domain/Figures.ts"
import { type Evidence, judgeHealth } from "../../src/domain/Healthiness.ts"
import { globalScope } from "../../src/domain/Scope.ts"
import type { StalledWork } from "../../src/domain/Views.ts"
import { deliveryId, repository, workflow } from "../fixtures/Runs.ts"

const now = Date.parse("2026-11-23T12:00:00.000Z")
const ago = (minutes: number): string => new Date(now - minutes * 60_000).toISOString()

const waiting = (kind: StalledWork["kind"], minutes: number): StalledWork => ({
  kind,
  deliveryId,
  source: repository("acme/app"),
  workflow: workflow("ci.yml"),
  target: kind === "unsettled" ? "acme/deploy cd.yml@main" : null,
  since: ago(minutes)
})

const judge = ({ sums = {}, ...evidence }: Partial<Evidence> & { readonly sums?: Record<string, number> } = {}) =>
  judgeHealth(
    {
      now,
      lastFactAt: ago(1),
      lastHour: figuresOf(globalScope, "1h", sums, {}),
      waiting: [],
      obstacles: [],
      ...evidence
    },
    ago(0)
  )
const verdict = (evidence?: Parameters<typeof judge>[0]) => {
  const { status, reasons } = judge(evidence)
  return [status, ...reasons.map(({ code }) => code)].join(" ")
}

describe("health", () => {
  it("is green while things happen and nothing is wrong", () => {
    assert.strictEqual(verdict(), "green")
    assert.strictEqual(verdict({ sums: { dispatched: 95, failed: 5, denied: 500 } }), "green")
    assert.strictEqual(verdict({ waiting: [waiting("unplanned", 4), waiting("unsettled", 9)] }), "green")
  })

  it("turns amber and then red as fewer dispatches succeed, red only for more than a few", () => {
    assert.strictEqual(verdict({ sums: { dispatched: 94, failed: 6 } }), "amber failing")
    assert.strictEqual(verdict({ sums: { dispatched: 1, failed: 3 } }), "red failing")
    assert.strictEqual(verdict({ sums: { failed: 3 } }), "amber failing")
    assert.strictEqual(verdict({ sums: { dispatched: 2, failed: 2 } }), "amber failing")
  })

  it("tells of outcomes that nobody knows", () => {
    assert.strictEqual(verdict({ sums: { dispatched: 99, unknown: 1 } }), "amber uncertain")
  })

  it("turns amber and then red as work waits", () => {
    assert.strictEqual(verdict({ waiting: [waiting("unplanned", 5)] }), "amber unplanned")
    assert.strictEqual(verdict({ waiting: [waiting("unplanned", 15)] }), "red unplanned")
    assert.strictEqual(verdict({ waiting: [waiting("unsettled", 10)] }), "amber unsettled")
    assert.strictEqual(
      verdict({ waiting: [waiting("unplanned", 6), waiting("unsettled", 31)] }),
      "red unplanned unsettled"
    )
  })

  it("turns amber and then red as more waits, however short", () => {
    assert.strictEqual(
      verdict({ waiting: Array.from({ length: 100 }, () => waiting("unsettled", 1)) }),
      "amber backlog"
    )
    assert.strictEqual(verdict({ waiting: Array.from({ length: 1000 }, () => waiting("unsettled", 1)) }), "red backlog")
  })

  it("is unknown where nothing has happened for a day, or ever; but what is wrong stays wrong", () => {
    assert.strictEqual(verdict({ lastFactAt: null }), "unknown idle")
    assert.strictEqual(verdict({ lastFactAt: ago(23 * 60) }), "green")
    assert.strictEqual(verdict({ lastFactAt: ago(24 * 60) }), "unknown idle")
    assert.strictEqual(verdict({ lastFactAt: ago(9999), waiting: [waiting("unsettled", 60)] }), "red unsettled")
  })

  it("names what only a person can mend, and what to do", () => {
    const since = ago(3)
    const { status, reasons } = judge({ lastFactAt: null, obstacles: [{ kind: "signatures", subject: "", since }] })
    assert.deepStrictEqual([status, reasons.map(({ code }) => code)], ["amber", ["signatures"]])
    assert.include(reasons[0]?.message, `since ${since}: is GITHUB_WEBHOOK_SECRET the App's?`)
  })

  it("counts what waits, and names what is stalled, the oldest first, at most 20", () => {
    const works = Array.from({ length: 30 }, (_, n) => waiting(n % 2 === 0 ? "unplanned" : "unsettled", n))
    const { backlog, stalled } = judge({ waiting: works })
    assert.deepStrictEqual(backlog, { unplanned: 15, unsettled: 15 })
    assert.lengthOf(stalled, 20)
    assert.strictEqual(stalled[0]?.since, ago(29))
    assert.isTrue(stalled.every(({ kind, since }) => since <= ago(kind === "unplanned" ? 5 : 10)))
  })
})
