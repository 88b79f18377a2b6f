/** The table and the schemas name the same types, and nothing else of the read side does. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Fact } from "../../src/domain/Fact.ts"
import { factTable, factTypes, statuses } from "../../src/domain/FactTable.ts"
import { counts } from "../../src/domain/Tally.ts"

const src = join(import.meta.dirname, "../../src")
/** Where the types are defined. */
const allowed = /^domain\/Fact(Table)?\.ts$/

describe("FactTable", () => {
  it("has an entry for each type that has a schema, and each has a status of its own", () => {
    assert.sameMembers([...factTypes], [...Fact.members.map(({ fields }) => fields.type.literal)])
    assert.strictEqual(new Set(statuses).size, factTypes.length)
    assert.strictEqual(new Set(counts).size, counts.length)
  })

  it("says after how long a run ended as reports and the page do", () => {
    const { message } = factTable["dispatch.run.completed"]
    const said = (duration: number | null, startedAttempt = 1) =>
      message({ conclusion: "success", startedAttempt, duration } as Parameters<typeof message>[0])
    assert.deepStrictEqual(
      [said(0), said(194_000, 2), said(null)],
      ["success in under 1 s", "success of attempt 2 in 3 min 14 s", "success"]
    )
  })

  it("is the only place of the read side that names fact types", () => {
    const naming = readdirSync(src, { recursive: true, encoding: "utf8" })
      .filter((path) => /^(domain|readmodel)\/.*\.ts$/.test(path) && !allowed.test(path))
      .filter((path) => factTypes.some((type) => readFileSync(join(src, path), "utf8").includes(`"${type}"`)))
    // The acceptance alone has what a run is found by.
    const known = ["domain/RunFold.ts", "domain/Measure.ts"]
    assert.deepStrictEqual(
      naming.filter((path) => !known.includes(path)),
      []
    )
  })
})
