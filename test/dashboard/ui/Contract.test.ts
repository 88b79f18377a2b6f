/** The page's decoders against the contract: whatever the schemas of the answers allow, the page understands, unchanged. */
import { readFile } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { decodersPath, decodersSource } from "../../../scripts/build-decoders.ts"
import { codeOf } from "../../../scripts/decoders/Code.ts"
import { Replayed } from "../../../src/dashboard/api/Commands.ts"
import { UnsupportedFilters } from "../../../src/dashboard/api/Errors.ts"
import type { Decoding } from "../../../src/dashboard/ui/api/Decode.ts"
import { decoders } from "../../../src/dashboard/ui/api/Decoders.ts"
import { deliveryStatus, factTypeOf, queueLabel, reasonLabel } from "../../../src/dashboard/ui/format/Words.ts"
import * as Contract from "../../../src/domain/Answers.ts"
import { ChainView } from "../../../src/domain/Chain.ts"
import { factTable, factTypes, statuses } from "../../../src/domain/FactTable.ts"
import { ConnectionPage, Neighbours } from "../../../src/domain/Topology.ts"
import { health } from "../browser/StubFigures.ts"
import { explained } from "../browser/StubRules.ts"
import { emptyWorld, makeWorld } from "../browser/StubWorld.ts"
import { refusal, understood } from "./Understood.ts"

/** The answer as it comes over the wire. */
const sent = <S extends Schema.Codec<unknown, unknown>>(schema: S, value: S["Type"]): unknown =>
  JSON.parse(JSON.stringify(Schema.encodeSync(schema)(value)))

const same = <S extends Schema.Codec<unknown, unknown>>(name: string, schema: S, decode: Decoding<unknown>) =>
  it.prop(
    `${name}: decodes as sent`,
    [schema],
    ([value]) => {
      const wire = sent(schema, value)
      assert.deepStrictEqual(understood(decode, wire), wire)
    },
    { arbitrary: { runs: 30, maxDiscards: 10_000 } }
  )

describe("the contract", () => {
  it("the decoders are those of the schemas; after a change: npm run build:page", async () => {
    assert.isTrue((await readFile(decodersPath, "utf8")) === decodersSource(), `${decodersPath} is out of date`)
  })

  it("a schema that is not sent as it is, or that the page has no form for, has no decoder", () => {
    const codeIn = (schema: Schema.Top) => () => codeOf(Schema.Struct({ field: schema }).ast)
    assert.strictEqual(codeIn(Schema.NullOr(Schema.Literals(["a", "b"])))(), 'struct({ "field": nullable(text) })')
    assert.throws(codeIn(Schema.FiniteFromString), "Number that is sent as String")
    for (const schema of [Schema.Date, Schema.Unknown, Schema.Null, Schema.Tuple([Schema.String]), Schema.Literal(1)]) {
      assert.throws(codeIn(schema), "has no decoder")
    }
    assert.throws(codeIn(Schema.Union([Schema.String, Schema.Number])), "a union of String, Number")
  })

  same("health", Contract.Health, decoders.health)
  same("trends", Contract.Trend, decoders.trend)
  same("rankings", Contract.Leaderboard, decoders.leaderboard)
  same("filters", Contract.Choices, decoders.choices)
  same("deliveries", Contract.DeliveryPage, decoders.deliveryPage)
  same("events", Contract.EventPage, decoders.eventPage)
  same("found runs", Contract.FoundPage, decoders.foundPage)
  same("journeys", Contract.Journey, decoders.journey)
  same("chains", ChainView, decoders.chain)
  same("pages of connections", ConnectionPage, decoders.connectionPage)
  same("neighbours", Neighbours, decoders.neighbours)
  same("replays", Replayed, decoders.replayed)
  same("searches without an index", Schema.Struct(UnsupportedFilters.fields), decoders.unsupported)

  it("explanations: kept as sent, whatever became of the files", async () => {
    const run = { repository: "acme/shop", workflow: "ci.yml" }
    const asked = [
      { run },
      { run: { ...run, repository: "acme/docs", fork: true } },
      { run: { ...run, repository: "acme/nowhere", conclusion: "timed_out" } },
      { run, configs: { "acme/shop": "outbuond: []" } },
      { run, configs: { "acme/deploy": "inbound: 1", "acme/payments": "inbound: []" } }
    ]
    for (const request of asked) {
      const answer = await explained(request)
      assert.deepStrictEqual(understood(decoders.explanation, answer), answer)
    }
  })

  it("journeys: every fact is kept as sent", () => {
    const { facts } = makeWorld(Date.parse("2026-11-23T09:00:00Z"))
    const wire = sent(Contract.Journey, { row: null, facts, more: false, chain: null })
    assert.deepStrictEqual(understood(decoders.journey, wire), wire)
    assert.sameMembers([...new Set(facts.map(({ type }) => type))], [...factTypes])
  })

  it("every status has its CloudEvents type", () => {
    assert.deepStrictEqual(
      statuses.map((status) => factTable[factTypeOf[status]].status),
      [...statuses]
    )
  })
})

describe("a newer server", () => {
  const fact = makeWorld(0, 1).facts[0]
  assert(fact !== undefined)
  const journeyOf = (one: object) =>
    understood(decoders.journey, { row: null, facts: [one], more: false, chain: null }).facts[0]

  it("has facts of types that are not known yet: they are kept, with what all facts have in common", () => {
    const type = "dispatch.target.finished"
    const { branch: _, ...data } = { branch: null, ...fact.data }
    const { deliveryId, acceptedAt, generation } = fact.data
    const shown = journeyOf({ ...fact, type, data: { ...data, target: null, checks: 1 } })
    assert.deepInclude(shown, { type: "other", kind: type, id: fact.id, time: fact.time })
    assert.deepInclude(shown?.data, { deliveryId, acceptedAt, generation })
    assert.notProperty(shown?.data, "target")
    assert.include(
      refusal(decoders.journey, { row: null, facts: [{ ...fact, type, time: 1 }], more: false, chain: null }),
      "facts[0].time"
    )
  })

  it("has fields that are not known yet: they are dropped, and nothing takes them for another's", () => {
    assert.deepStrictEqual(journeyOf({ ...fact, data: { ...fact.data, target: "acme/deploy" } }), journeyOf(fact))
  })

  it("has codes that are not known yet: they are shown as they are", () => {
    const check = { name: "inbound_moon", passed: false, expected: "new", actual: "full" }
    const target = { repository: "acme/deploy", workflow: "cd.yml", ref: "main" }
    const data = { ...fact.data, target, code: check.name, message: "no", checks: [check] }
    const denied = journeyOf({ ...fact, type: "dispatch.target.denied", data })
    assert(denied?.type === "dispatch.target.denied")
    assert.strictEqual(reasonLabel(denied.data.code), "inbound moon")
    assert.deepStrictEqual(denied.data.checks, [check])

    const queue = { name: "parcel", waiting: 1, inFlight: 0, dead: 0, oldest: null }
    const answer = understood(decoders.health, { ...health(emptyWorld, 0), status: "violet", queues: [queue] })
    assert.deepStrictEqual([answer.status, ...answer.queues.map(({ name }) => queueLabel(name))], ["violet", "parcel"])
    assert.deepStrictEqual(deliveryStatus("parked"), { status: "unknown", label: "parked" })
  })

  it("has words that a drawing is made by: one that is not known is no answer", () => {
    assert.strictEqual(
      refusal(decoders.trend, { scope: { _tag: "Moon" } }),
      "answer.scope._tag: expected one of Global, Source, Target, Workflow, Pair, Version"
    )
    const scope = { _tag: "Global" }
    const trend = { scope, window: "24h", asOf: "", from: "", to: "", granularity: "week" }
    assert.strictEqual(refusal(decoders.trend, trend), "answer.granularity: expected one of minute, hour, day")
  })
})
