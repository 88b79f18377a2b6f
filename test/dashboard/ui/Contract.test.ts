/** The page's decoders against the contract: whatever the schemas of `domain/Answers.ts` allow, the page understands, unchanged. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Answers from "../../../src/dashboard/ui/api/Answers.ts"
import type { Decoder } from "../../../src/dashboard/ui/api/Decode.ts"
import { explanation } from "../../../src/dashboard/ui/api/Explanations.ts"
import { decodeJourney } from "../../../src/dashboard/ui/api/Facts.ts"
import { factTypeOf, statusNames } from "../../../src/dashboard/ui/format/Words.ts"
import * as Contract from "../../../src/domain/Answers.ts"
import { factTable, factTypes } from "../../../src/domain/FactTable.ts"
import { explained } from "../browser/StubRules.ts"
import { makeWorld } from "../browser/StubWorld.ts"

/** The answer as it comes over the wire. */
const sent = <S extends Schema.Codec<unknown, unknown>>(schema: S, value: S["Type"]): unknown =>
  JSON.parse(JSON.stringify(Schema.encodeSync(schema)(value)))

const same = <S extends Schema.Codec<unknown, unknown>>(name: string, schema: S, decode: Decoder<S["Type"]>) =>
  it.prop(
    `${name}: decodes as sent`,
    [schema],
    ([value]) => {
      const wire = sent(schema, value)
      assert.deepStrictEqual(decode(wire, "answer"), wire)
    },
    { arbitrary: { runs: 30, maxDiscards: 10_000 } }
  )

describe("the contract", () => {
  same("health", Contract.Health, Answers.decodeHealth)
  same("trends", Contract.Trend, Answers.trend)
  same("rankings", Contract.Leaderboard, Answers.leaderboard)
  same("filters", Contract.Choices, Answers.choices)
  same("deliveries", Contract.DeliveryPage, Answers.deliveryPage)
  same("events", Contract.EventPage, Answers.eventPage)
  same("found runs", Contract.FoundPage, Answers.foundPage)

  it("explanations: all that the page shows is kept as sent, whatever became of the files", async () => {
    const run = { repository: "acme/shop", workflow: "ci.yml" }
    const asked = [
      { run },
      { run: { ...run, repository: "acme/docs", fork: true } },
      { run: { ...run, repository: "acme/nowhere", conclusion: "timed_out" } },
      { run, configs: { "acme/shop": "outbuond: []" } },
      { run, configs: { "acme/deploy": "inbound: 1", "acme/payments": "inbound: []" } }
    ]
    for (const request of asked) {
      const sent = await explained(request)
      assert.containSubset(sent, explanation(sent, "answer"))
    }
  })

  it("journeys: every fact keeps what the page shows of it", () => {
    const { facts } = makeWorld(Date.parse("2026-11-23T09:00:00Z"))
    const decoded = decodeJourney(sent(Contract.Journey, { row: null, facts, more: false }), "answer")
    assert.lengthOf(decoded.facts, facts.length)
    decoded.facts.forEach((fact, index) => {
      assert.notStrictEqual(fact.type, "other")
      assert.containSubset(facts[index], fact)
    })
    assert.sameMembers([...new Set(facts.map(({ type }) => type))], [...factTypes])
  })

  it("journeys: a fact of a type that is not known yet is kept", () => {
    const [fact] = makeWorld(0, 1).facts
    const decoded = decodeJourney(
      { row: null, facts: [{ ...fact, type: "dispatch.target.finished" }], more: false },
      "answer"
    )
    assert.deepInclude(decoded.facts[0], { type: "other", kind: "dispatch.target.finished" })
  })

  it("every status has its CloudEvents type", () => {
    assert.deepStrictEqual(
      statusNames.map((status) => factTable[factTypeOf[status]].status),
      [...statusNames]
    )
  })
})
