/** What was packed with a text can be unpacked with that alone: these were, and are in people's tables. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { decodeItem } from "../../src/ledger/Items.ts"
import { PlanItem } from "../../src/ledger/PackedPlan.ts"
import { unpackChecks } from "../../src/readmodel/PackedChecks.ts"
import { absent } from "../fixtures/Configs.ts"
import { planFor } from "../fixtures/Plans.ts"

const plan = planFor({
  source: { outbound: [{ source: { workflow: "ci.yml" }, targets: [{ repository: "deploy", workflow: "cd.yml" }] }] },
  targets: { "acme/deploy": absent }
})

it.effect("plans that were packed are unpacked by all later versions", () =>
  Effect.gen(function* () {
    const packed =
      "q6a8V2xoaW6ga2Coa2AYYmBgBUaU9orp0Qke2h1azK4oub3O0Q7haIdwtEM42iEc7RCOdghHO4RERSQ0sCE1bnxiUjFqbQAdcUZJq2j2KuTnKWCWRxhtYlCTEGNUGIftiGFhpPhTyEgsBgUgFutBVRyq9ToKxfmg4WPwMHJevgIkqytk5lkrQOvD1KJihYzEslRQ/kpMSVFIzEMZgNZTAjewkduXAA=="
    const key = { table: "ledger", partition: "run/1", sort: "plan" } as const
    const item = { key, version: 1, attributes: { complete: true, plan: packed }, expiresAt: undefined }
    assert.deepStrictEqual((yield* decodeItem(item, PlanItem)).value, plan)
  })
)

it("checks that were packed are unpacked by all later versions", () => {
  const packed = "1:G21JjrYkR1uSoy3J0ZbkaEuS7i1JaGAn5+elZabHJyYVo9YGaYk5xehpFc1ehfw8BczyCKMyrY0FAA=="
  const checks = plan.decisions[0]?.checks
  assert.deepStrictEqual(unpackChecks(packed, ["acme/app", "acme/deploy"]), JSON.parse(JSON.stringify(checks)))
})
