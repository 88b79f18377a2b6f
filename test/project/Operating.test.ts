import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Random } from "effect"
import { measure } from "../../bench/Flow.ts"
import type { QueueSample, StalledWork } from "../../src/domain/Answers.ts"
import { type Evidence, judge, unattendedHealth } from "../../src/domain/Judgement.ts"
import { deliveryResults } from "../../src/flow/Metrics.ts"
import { waitAfter } from "../../src/flow/Stage.ts"
import { retentionDays } from "../../src/ledger/Keys.ts"
import { defaultOptions } from "../../src/queue/QueueStore.ts"
import { Retention } from "../../src/readmodel/Retention.ts"
import { files, read } from "../infrastructure/Files.ts"
import { codesIn, rowsOf, sectionOf, unwrapped } from "./Markdown.ts"

const guide = read("docs/operating.md")
const sources = files.filter((path) => /^src\/(?!sandbox|entry\/(dev|demo|cli))/.test(path) && path.endsWith(".ts"))
const found = (pattern: RegExp): ReadonlyArray<string> =>
  sources.flatMap((path) => [...read(path).matchAll(pattern)].map(([, text = ""]) => text))
/** Codes that are lines of the log, not their fields. */
const lineCodesIn = (text: string) => codesIn(text).filter((code) => !code.startsWith("outcome="))
const firstCodes = (heading: string) => rowsOf(sectionOf(guide, heading)).flatMap(([cell = ""]) => codesIn(cell))

describe("the guide for operators", () => {
  it("names every metric and no other", () => {
    const metrics = found(/Metric\.\w+\(\s*"(\w+)"/g)
    assert.isNotEmpty(metrics)
    assert.deepStrictEqual(firstCodes("### Metrics").toSorted(), metrics.toSorted())
  })

  it("names every result of a request to the webhook's address", () => {
    const row = rowsOf(sectionOf(guide, "### Metrics")).find(([name]) => name === "`dispatcher_deliveries_total`")
    assert.deepStrictEqual([...codesIn(row?.[1] ?? "")], ["result", ...deliveryResults])
  })

  it("says of every error in the log what it means, and of no other", () => {
    // Lambda's own lines are for the runbook of that deployment.
    const errors = sources
      .filter((path) => !path.startsWith("src/adapters/aws/"))
      .flatMap((path) =>
        [...read(path).matchAll(/(?:logError|logWithLevel\(.*\))\("([^"]+)"/g)].map(([, text = ""]) => text)
      )
    const logs = sectionOf(guide, "### Logs")
    const documented = rowsOf(logs.slice(logs.indexOf("What `ERROR`"))).flatMap(([cell = ""]) => lineCodesIn(cell))
    assert.deepStrictEqual([...new Set(documented)].toSorted(), [...new Set(errors)].toSorted())
  })

  it("quotes warnings that there are", () => {
    const warnings = found(/(?:logWarning|logWithLevel\(.*\))\(\s*"([^"]+)"/g)
    const [, quoted = ""] = guide.split("`WARN` lines name")
    const named = lineCodesIn(unwrapped(quoted.slice(0, quoted.indexOf("\n\n")))).filter(
      (text) => !text.startsWith("…")
    )
    assert.isAbove(named.length, 4)
    for (const text of named) assert.include(warnings, text)
  })

  it("is right about attempts, waits and retention", () =>
    Effect.runSync(
      Effect.gen(function* () {
        assert.include(unwrapped(guide), `for ${Duration.toDays(defaultOptions.maxAge)} days`)
        assert.include(unwrapped(guide), "2 seconds at first and 15 minutes at most")
        assert.strictEqual(Math.floor(Duration.toSeconds(yield* waitAfter(1))), 2)
        assert.strictEqual(Math.floor(Duration.toMinutes(yield* waitAfter(100))), 15)
        const { events, lists, hours, days } = yield* Retention
        const kept = sectionOf(guide, "## Retention")
        assert.match(kept, new RegExp(`ledger: .* \\| ${retentionDays} days`))
        assert.match(kept, new RegExp(`facts, .* \\| ${Duration.toDays(events)} days`))
        assert.match(kept, new RegExp(`lists of events \\| ${Duration.toDays(lists)} days`))
        const figures = [hours, days].map(Duration.toDays)
        assert.include(kept, `${figures[0]} and ${figures[1]} days`)
      }).pipe(Effect.provideService(Random.Random, { nextIntUnsafe: () => 0, nextDoubleUnsafe: () => 0 }))
    ))

  it.effect("is right about what runs cost", () =>
    Effect.gen(function* () {
      const rows = rowsOf(sectionOf(guide, "## What it costs at GitHub"))
      assert.deepStrictEqual(
        rows.map(([targets]) => Number(targets)),
        [1, 5, 25]
      )
      for (const [targets, gitHub, writes] of rows) {
        const { once } = yield* Effect.promise(() => Effect.runPromise(measure(Number(targets))))
        assert.deepStrictEqual([once.gitHub, once.writes], [Number(gitHub), Number(writes)], `${targets} targets`)
      }
    })
  )
})

describe("the reasons of health", () => {
  const now = Date.parse("2026-11-24T12:00:00.000Z")
  const names = ["plan", "order", "report", "fact"] as const
  const queues = names.map((name): QueueSample => ({ name, waiting: 0, inFlight: 0, dead: 0, oldest: null }))
  const calm: Evidence = {
    now,
    lastFactAt: "2026-11-24T11:59:00.000Z",
    lastHour: { counts: {} },
    open: { unplanned: 0, unsettled: 0, since: { unplanned: {}, unsettled: {} }, oldest: [] },
    queues,
    obstacles: []
  }
  const waiting = (kind: StalledWork["kind"], minutes: number, works = 1): Partial<Evidence> => {
    const since = { [new Date(now - minutes * 60_000).toISOString().slice(0, 16)]: works }
    return { open: { ...calm.open, [kind]: works, since: { ...calm.open.since, [kind]: since } } }
  }
  const judged = (evidence: Partial<Evidence>) => {
    const { status, reasons } = judge({ ...calm, ...evidence })
    return [status, ...reasons.map(({ code }) => code)]
  }
  const tried = (dispatched: number, failed: number): Partial<Evidence> => ({
    lastHour: { counts: { dispatched, tried: dispatched + failed }, successRate: dispatched / (dispatched + failed) }
  })

  it("are those of the table", () => {
    const reasons = rowsOf(sectionOf(guide, "### Health")).filter((cells) => /^`\w+`: /.test(cells[0] ?? ""))
    assert.deepStrictEqual(
      reasons.map(([cell = "", amber, red]) => [codesIn(cell)[0], amber, red]),
      [
        ["failing", "below 95 %", "below 50 %, of at least 4 tries"],
        ["uncertain", "any", ""],
        ["unplanned", "5 minutes", "15 minutes"],
        ["unsettled", "10 minutes", "30 minutes"],
        ["backlog", "100", "1000"],
        ["queued", "10 minutes", "30 minutes"],
        ["dead_letters", "any", ""],
        ["unsampled", "any", ""],
        ["signatures", "any", ""],
        ["access", "any", ""],
        ["redeliveries", "any", ""]
      ]
    )
  })

  it("begin where the table says", () => {
    assert.deepStrictEqual(judged(tried(95, 5)), ["green"])
    assert.deepStrictEqual(judged(tried(94, 6)), ["amber", "failing"])
    assert.deepStrictEqual(judged(tried(1, 2)), ["amber", "failing"])
    assert.deepStrictEqual(judged(tried(1, 3)), ["red", "failing"])
    assert.deepStrictEqual(judged({ lastHour: { counts: { unknown: 1 } } }), ["amber", "uncertain"])
    const since = "2026-11-24T11:55:00.000Z"
    assert.deepStrictEqual(judged({ obstacles: [{ kind: "signatures", subject: "", since }] }), ["amber", "signatures"])
    assert.deepStrictEqual(judged({ obstacles: [{ kind: "access", subject: "acme", since }] }), ["amber", "access"])
    const left = { kind: "redeliveries", subject: "", since, count: 70 } as const
    assert.deepStrictEqual(judged({ obstacles: [left] }), ["amber", "redeliveries"])
    const limits = [
      ["unplanned", 5, 15],
      ["unsettled", 10, 30]
    ] as const
    for (const [kind, amber, red] of limits) {
      assert.deepStrictEqual(judged(waiting(kind, amber - 1)), ["green"])
      assert.deepStrictEqual(judged(waiting(kind, amber)), ["amber", kind])
      assert.deepStrictEqual(judged(waiting(kind, red)), ["red", kind])
    }
    const many = (works: number) => waiting("unplanned", 1, works)
    const [first, ...others] = queues
    const held = (sample: Partial<QueueSample>) => ({ queues: [{ ...first, ...sample } as QueueSample, ...others] })
    assert.deepStrictEqual(judged(held({ oldest: 599 })), ["green"])
    assert.deepStrictEqual(judged(held({ oldest: 600 })), ["amber", "queued"])
    assert.deepStrictEqual(judged(held({ oldest: 1_800 })), ["red", "queued"])
    assert.deepStrictEqual(judged(held({ dead: 1 })), ["amber", "dead_letters"])
    assert.deepStrictEqual(judged({ queues: others }), ["amber", "unsampled"])
    assert.deepStrictEqual(judged(many(99)), ["green"])
    assert.deepStrictEqual(judged(many(100)), ["amber", "backlog"])
    assert.deepStrictEqual(judged(many(1000)), ["red", "backlog"])
    assert.deepStrictEqual(judged({ lastFactAt: null }), ["unknown", "idle"])
    assert.deepStrictEqual(
      unattendedHealth.reasons.map(({ code }) => code),
      ["unattended"]
    )
    for (const code of ["idle", "unattended"]) assert.include(sectionOf(guide, "### Health"), `\`${code}\``)
  })
})
