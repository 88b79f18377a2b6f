import { it } from "@effect/vitest"
import { World, situationOf } from "/work/main/test/domain/RuleWorlds.ts"
import { judge } from "/work/main/test/fixtures/Plans.ts"
const tally: Record<string, number> = {}
it.prop("x", [World], ([w]) => {
  const j = judge(situationOf(w))
  for (const d of j.decisions) { const k = d._tag === "Allowed" ? "Allowed" : d.denial.code; tally[k] = (tally[k] ?? 0) + 1 }
  if (j.decisions.length === 0) tally["none"] = (tally["none"] ?? 0) + 1
}, { arbitrary: { runs: 500 } })
it("tally", () => { console.log(tally) })
