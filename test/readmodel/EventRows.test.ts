/** Rows of events as they are stored: how large they are, and that they come back as they were. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { bytesOf } from "../../bench/Recording.ts"
import { eventRow } from "../../src/domain/EventRow.ts"
import { type Fact, outcomeFact } from "../../src/domain/Fact.ts"
import { chainOf, type Order, orderId } from "../../src/domain/Order.ts"
import type { StartedRun } from "../../src/domain/Outcome.ts"
import { DeliveryId, GitHubId } from "../../src/domain/SourceRun.ts"
import { rowPuts } from "../../src/readmodel/EventLists.ts"
import { decodeRow } from "../../src/readmodel/EventRows.ts"
import { Retention } from "../../src/readmodel/Retention.ts"
import { Chance } from "../fixtures/Chance.ts"
import { acceptance, repository, sourceRun, target } from "../fixtures/Runs.ts"
import { journeys } from "./Recording.ts"

const now = Date.parse("2026-11-23T00:20:00.000Z")
const items = (fact: Fact) =>
  Effect.map(Retention, (retention) => rowPuts(fact, retention).map((put) => ({ version: 1, expiresAt: 0, ...put })))

/** That each of its rows comes back. */
const checkRows = Effect.fnUntraced(function* (fact: Fact) {
  const rows = yield* Effect.forEach(yield* items(fact), decodeRow)
  for (const row of rows) assert.deepStrictEqual(row, eventRow(fact, fact.time))
})

interface Names {
  readonly source?: string
  readonly target?: string
  readonly workflow?: string
  readonly generation?: number
  readonly url?: string
}
const id = GitHubId.make("19876543210")

/** The fact that a target was dispatched to. */
const dispatched = (names: Names): Fact => {
  const { source = "acme/shop", target: to = "acme/deploy", workflow = "cd.yml", generation = 0 } = names
  const run = sourceRun({ repository: repository(source), repositoryId: 724_712_345, runId: "19876543219" })
  const about = target({ repository: repository(to), workflow })
  const order: Order = {
    ...acceptance(run),
    ...{ generation, deliveryId: DeliveryId.make("72d3162e-cc78-11e3-81ab-4c9367dc0958") },
    ...{ id: orderId(run, about), target: about, inputs: {}, chain: chainOf(run) }
  }
  const started: StartedRun = { id, url: names.url ?? `https://github.com/${to}/actions/runs/${id}` }
  return outcomeFact(order, { outcome: { _tag: "Dispatched", started }, at: now }, { appVersion: "1.0.0" })
}

describe("a row of an event", () => {
  it.effect("comes back from each list as it was", () =>
    Effect.forEach(journeys(new Chance(5), 60, now), checkRows, { discard: true })
  )

  it.effect.each<Names>([
    {},
    { source: "Acme/Shop" },
    { target: "Acme/Deploy" },
    { workflow: "CD.yml" },
    { workflow: "deploy@main.yml" },
    { workflow: `${"deploy-".repeat(50)}.yml` },
    { generation: 3 },
    { url: `https://github.com/acme/deploy/actions/runs/${id}/attempts/2` },
    { url: `https://ghes.example/acme/deploy/actions/runs/${id}` },
    { url: "7" }
  ])("comes back whatever the names are: %o", (names) => checkRows(dispatched(names)))

  it.effect("takes at most 310 bytes in any of its lists, with long names", () =>
    Effect.gen(function* () {
      const names = { source: "some-organisation/payments-api", target: "some-organisation/payments-deploy" }
      const rows = yield* items(dispatched(names))
      const sizes = rows.map(({ key, attributes, expiresAt }) => bytesOf(key, attributes, expiresAt))
      assert.strictEqual(sizes.length, 7)
      assert.isAtMost(Math.max(...sizes), 310)
    })
  )
})
