import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  deliveryRedelivered,
  Fact,
  isNewerFact,
  outcomeFact,
  type Publisher,
  planFacts,
  replayRequested,
  reportPublished,
  requestAccepted,
  resultFact
} from "../../src/domain/Fact.ts"
import type { Outcome } from "../../src/domain/Outcome.ts"
import type { Plan } from "../../src/domain/Plan.ts"
import { DeliveryId, GitHubId } from "../../src/domain/SourceRun.ts"
import { planFor, planWithout, type Situation } from "../fixtures/Plans.ts"
import { acceptance, deliveryId, order, sourceRun, target } from "../fixtures/Runs.ts"
import { situationOf, world } from "./RuleWorlds.ts"

const publisher: Publisher = { appVersion: "1.2.3" }
const later: Publisher = { appVersion: "2.0.0", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }
const at = 2500

const situation: Situation = {
  source: `outbound:
  - source: { workflow: ci.yml }
    targets:
      - { repository: deploy, workflow: cd.yml }
      - { repository: deploy, workflow: cd.yml, ref: next }
      - { repository: silent, workflow: cd.yml }
      - { repository: silent, workflow: cd.yml }`,
  targets: {
    "acme/deploy": "inbound: [{ source: { repository: app, workflow: ci.yml }, targets: [{ workflow: cd.yml }] }]"
  }
}

const outcomes: ReadonlyArray<Outcome> = [
  { _tag: "Dispatched", started: { id: GitHubId.make("7"), url: "https://github.com/acme/deploy/actions/runs/7" } },
  { _tag: "Dispatched", started: null },
  { _tag: "Failed", code: "not_found", message: "Not Found" },
  { _tag: "Withdrawn", code: "inbound_not_allowed", message: "acme/deploy no longer lets acme/app in" },
  { _tag: "Unknown", message: "the answer was lost" }
]

const invalid: Plan["config"] = {
  _tag: "Invalid",
  file: ".github/dispatching.yml",
  issues: [
    { line: 7, column: 3, path: "outbound", message: "unknown key outbund" },
    { line: 9, column: 1, path: "inbound", message: "unknown key inbund" }
  ]
}

const ids = (facts: ReadonlyArray<Fact>) => facts.map(({ id }) => id)
const decode = Schema.decodeUnknownSync(Fact, { onExcessProperty: "error" })

/** A fact as it arrives after a bus: it has to be one, and the same one. */
const checkFact = (fact: Fact) => assert.deepStrictEqual(decode(JSON.parse(JSON.stringify(fact))), fact)

const redelivered = (asked: number, by: Publisher) =>
  deliveryRedelivered({ deliveryId, run: sourceRun(), lostAt: 0, asked, at }, by)

/** A fact of every kind. */
const everything = (generation = 0, by = publisher): ReadonlyArray<Fact> => {
  const plan = { ...planFor(situation), generation }
  const accepted = { ...acceptance(), generation }
  return [
    requestAccepted(accepted, by),
    ...planFacts({ ...plan, decisions: [], ignored: "no outbound rule names ci.yml" }, by),
    ...planFacts(plan, by),
    ...planFacts({ ...plan, config: invalid, decisions: [] }, by),
    ...planFacts({ ...plan, config: { _tag: "Unreachable", message: "HTTP 404" }, decisions: [] }, by),
    ...outcomes.map((outcome, index) =>
      outcomeFact({ ...order(sourceRun(), target({ workflow: `w${index}.yml` })), generation }, { outcome, at }, by)
    ),
    ...(["Completed", "Lost"] as const).map((_tag) => {
      const ending = { conclusion: "success", attempt: 1, completedAt: "2026-01-01T00:00:00Z", duration: 1000 }
      const result = _tag === "Lost" ? { _tag, message: "it was deleted" } : { _tag, ...ending }
      const started = { id: GitHubId.make("7"), url: "https://github.com/acme/app/actions/runs/7" }
      return resultFact({ ...order(), generation }, started, { result, at }, by)
    }),
    reportPublished(plan, { at, issue: { number: 3, url: "https://github.com/acme/app/issues/3" } }, by),
    replayRequested(accepted, { by: "admin", at: "1970-01-01T00:00:02.500Z" }, by),
    ...(generation === 0 ? [redelivered(1, by), redelivered(2, by)] : [])
  ]
}

describe("A fact", () => {
  it.each(everything().map((fact) => [fact.type, fact] as const))("%s is a CloudEvent", (_, fact) => {
    checkFact(fact)
    const { specversion, source, subject, datacontenttype, data } = fact
    assert.deepStrictEqual<unknown>(
      { specversion, source, subject, datacontenttype },
      { specversion: "1.0", source: "dispatcher", subject: "acme/app", datacontenttype: "application/json" }
    )
    assert.deepInclude<object>(data, {
      deliveryId,
      sourceRepository: "acme/app",
      sourceRepositoryId: "1296269",
      sourceWorkflow: "ci.yml",
      runId: "30433642",
      attempt: 1
    })
  })

  it("exists for every type, and each has an id of its own", () => {
    const types = new Set(everything().map(({ type }) => type))
    assert.strictEqual(types.size, Fact.members.length)
    assert.strictEqual(new Set(ids(everything())).size, everything().length)
  })

  it("of a replay is another fact, except that the delivery was accepted", () => {
    const [accepted, ...others] = ids(everything(1))
    const [sameAccepted, ...firstTime] = ids(
      everything(0).filter(({ type }) => type !== "dispatch.delivery.redelivered")
    )
    assert.strictEqual(accepted, sameAccepted)
    assert.deepStrictEqual(
      others,
      firstTime.map((id) => `${id}@1`)
    )
  })

  it("is the same from every publisher, but for the version and the trace", () => {
    const { appVersion, traceparent } = later
    const strip = ({ appversion: _, traceparent: __, ...content }: Fact) => content
    const first = everything(0, publisher)
    const again = everything(0, later)
    assert.deepStrictEqual(again.map(strip), first.map(strip))
    for (const fact of again) {
      checkFact(fact)
      assert.deepInclude<object>(fact, { appversion: appVersion, traceparent })
    }
    for (const fact of first) assert.notProperty(fact, "traceparent")
  })

  it("of another attempt is another fact", () => {
    const rerun = requestAccepted(acceptance(sourceRun({ attempt: 2 })), { appVersion: "1.2.3" })
    assert.notStrictEqual(rerun.id, requestAccepted(acceptance(), { appVersion: "1.2.3" }).id)
  })
})

describe("a fact of a newer version", () => {
  it("is one of ours whose type is not known yet", () => {
    const fact = requestAccepted(acceptance(), { appVersion: "1.2.3" })
    assert.isTrue(isNewerFact({ ...fact, type: "dispatch.target.postponed" }))
    for (const other of [
      fact,
      { ...fact, data: {} },
      { type: "order.placed", source: "shop" },
      {},
      null,
      "text",
      [7]
    ]) {
      assert.isFalse(isNewerFact(other), JSON.stringify(other))
    }
  })
})

describe("requestAccepted", () => {
  it("names the run's number, and the version that accepted the delivery, where they are known", () => {
    const accepted = requestAccepted(
      { ...acceptance(sourceRun({ runNumber: 42 })), appVersion: "1.2.3" },
      { appVersion: "2.0.0" }
    )
    assert.deepInclude<object>(accepted.data, { runNumber: 42, appVersion: "1.2.3" })
    checkFact(accepted)
    checkFact(requestAccepted(acceptance(), { appVersion: "2.0.0" }))
  })

  it("has the time of the acceptance from every publisher, and one id for all deliveries of the run", () => {
    const first = requestAccepted(acceptance(), { appVersion: "1.2.3" })
    const redelivered = requestAccepted(
      { ...acceptance(), deliveryId: DeliveryId.make("another") },
      { appVersion: "1.2.3" }
    )
    assert.strictEqual(first.time, "1970-01-01T00:00:00.000Z")
    assert.strictEqual(redelivered.id, first.id)
  })
})

describe("planFacts", () => {
  const plan = planFor(situation)

  it("have the sum and every decision, in the order of the decisions", () => {
    const [sum, ...decisions] = planFacts(plan, publisher)
    assert.strictEqual(sum?.type, "dispatch.plan.created")
    assert.deepInclude<object>(sum?.data ?? {}, { allowed: 1, denied: 3 })
    assert.deepStrictEqual(
      decisions.map(({ type, data }) => [type, "target" in data && data.target.ref]),
      [
        ["dispatch.target.queued", "main"],
        ["dispatch.target.denied", "next"],
        ["dispatch.target.denied", "main"],
        ["dispatch.target.denied", "main"]
      ]
    )
  })

  it("say why, with all that was asked", () => {
    for (const [index, decision] of plan.decisions.entries()) {
      const data = planFacts(plan, publisher)[index + 1]?.data
      assert.deepInclude<object>(data ?? {}, { target: decision.target, checks: decision.checks })
      if (decision._tag === "Denied") assert.deepInclude<object>(data ?? {}, decision.denial)
      else assert.deepInclude<object>(data ?? {}, { orderId: decision.orderId })
    }
  })

  it("have the same ids whenever and by whatever they are published", () => {
    assert.deepStrictEqual(ids(planFacts(plan, later)), ids(planFacts(plan, publisher)))
  })

  it("have the sum only once nothing is left to decide, and repeat no decision under another id", () => {
    const [first, second, ...rest] = plan.decisions
    if (first === undefined || second === undefined) return assert.fail("there are four decisions")
    const { target, outbound, checks } = second
    const incomplete: Plan = {
      ...plan,
      decisions: [first, second],
      pending: [{ target, outbound, checks, inputs: {} }]
    }
    const complete: Plan = { ...incomplete, decisions: [first, second, ...rest], pending: [] }
    const early = ids(planFacts(incomplete, publisher))
    assert.deepStrictEqual(early, ids(planFacts(complete, later)).slice(1, 3))
    assert.strictEqual(planFacts(complete, later)[0]?.type, "dispatch.plan.created")
  })

  const message = "unknown key outbund"
  it.each([
    [invalid, "dispatch.config.invalid", { file: ".github/dispatching.yml", line: 7, message, problems: 2 }],
    [{ _tag: "Unreachable", message: "HTTP 502" }, "dispatch.config.unreachable", { message: "HTTP 502" }]
  ] as const)("of a source without readable config are its problem, and no plan: %j", (config, type, data) => {
    const [only, ...others] = planFacts(planWithout(config), publisher)
    assert.deepStrictEqual(others, [])
    assert.strictEqual(only?.type, type)
    assert.deepInclude<object>(only?.data ?? {}, data)
    if (only !== undefined) checkFact(only)
  })

  it.prop("are distinct, stable and decodable in any world", [world], ([world]) => {
    const facts = planFacts(planFor(situationOf(world)), publisher)
    assert.strictEqual(new Set(ids(facts)).size, facts.length)
    assert.deepStrictEqual(ids(planFacts(planFor(situationOf(world)), later)), ids(facts))
    for (const fact of facts) checkFact(fact)
  })
})

describe("outcomeFact", () => {
  it.each(outcomes)("says how an order ended: %j", ({ _tag, ...outcome }) => {
    const fact = outcomeFact(order(), { outcome: { _tag, ...outcome } as Outcome, at }, publisher)
    checkFact(fact)
    assert.deepInclude<object>(fact.data, { ...outcome, orderId: order().id, target: target() })
  })

  it("of a dispatch says how long it took since the delivery", () => {
    const fact = outcomeFact(order(), { outcome: { _tag: "Dispatched", started: null }, at }, publisher)
    assert.deepInclude<object>(fact.data, { elapsed: 2500 })
  })

  it("never has negative times, however clocks differ", () => {
    const early = outcomeFact(order(), { outcome: { _tag: "Dispatched", started: null }, at: -1000 }, publisher)
    assert.deepInclude<object>(early.data, { elapsed: 0 })
  })
})
