/** What becomes of the runs that the service starts, by the seed: how long each goes on, how it ends, and whether it runs again. */
import type { RunConclusion, RunCourse } from "../../src/sandbox/Sandbox.ts"
import { between, type Chance, oneOf } from "./Chance.ts"

/** No attempt, and no wait for a re-run, is longer. */
const longestMillis = 2000

const conclusionOf = (chance: Chance, ...name: ReadonlyArray<string | number>): RunConclusion =>
  oneOf(
    [
      [0.15, "failure"],
      [0.05, "cancelled"],
      [0.05, "timed_out"]
    ],
    chance("conclusion", ...name)
  ) ?? "success"

const rerunOf = (chance: Chance, ...name: ReadonlyArray<string | number>) => {
  if (chance("runs again", ...name) >= 0.15) return {}
  const startsAfterMillis = between(0, longestMillis, chance("rest", ...name))
  const afterMillis = between(0, longestMillis, chance("again for", ...name))
  const conclusion = conclusionOf(chance, "again", ...name)
  return chance("again without end", ...name) < 0.1
    ? { rerun: { ends: "never", startsAfterMillis, queuedMillis: 0 } as const }
    : { rerun: { ends: "later", startsAfterMillis, queuedMillis: 0, afterMillis, conclusion } as const }
}

const courseOf = (chance: Chance, ...name: ReadonlyArray<string | number>): RunCourse => {
  const ends = oneOf(
    [
      [0.05, "never"],
      [0.1, "beforeAnswer"]
    ],
    chance("ends", ...name)
  )
  const queuedMillis = between(0, 500, chance("queued", ...name))
  if (ends === "never") return { ends, queuedMillis }
  const end = { conclusion: conclusionOf(chance, ...name), ...rerunOf(chance, ...name) }
  if (ends === "beforeAnswer") return { ends, ...end }
  return { ends: "later", queuedMillis, afterMillis: between(0, longestMillis, chance("takes", ...name)), ...end }
}

/** What the first so many runs of a workflow come to; further ones as the last of these. */
export const coursesOf = (
  chance: Chance,
  workflow: string,
  count: number
): readonly [RunCourse, ...ReadonlyArray<RunCourse>] => [
  courseOf(chance, workflow, 0),
  ...Array.from({ length: Math.max(0, count - 1) }, (_, index) => courseOf(chance, workflow, index + 1))
]
