/**
 * Runs by what people have in hand: the number, id or URL of a run, a commit, a branch, a person. Written with the acceptance, one item
 * for each, and read as one range.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `find/number=<number>`, `find/run=<run id>`, `find/branch=<branch>`, `find/actor=<login>` | `<accepted at>/<guid>` | the run |
 * | `find/commit=<first 7 digits>` | `<sha>/<accepted at>/<guid>` | the run |
 *
 * A run is stored four to five times, so without what the key says, and by short names.
 */
import { Effect, Schema } from "effect"
import { type FindKey, FoundRun } from "../domain/Answers.ts"
import type { Fact } from "../domain/Fact.ts"
import { asciiLowerCase, keyText } from "../domain/Names.ts"
import { foundRun, isAcceptance } from "../domain/RunFold.ts"
import { DeliveryId } from "../domain/SourceRun.ts"
import type { Appended, Item, Query } from "../ports/Table.ts"
import { asAttributes, itemDecoder, runOnGitHub } from "./Items.ts"
import { expiryOf, type Retention } from "./Retention.ts"

const partition = (by: FindKey, value: string): string => `find/${by}=${keyText(value)}`
/** How much of a commit's id people write at least, and GitHub shows. */
const shortSha = 7

/** By what a run is found, as in keys; nothing where it has none. */
const valuesOf = (run: FoundRun): Readonly<Record<FindKey, string | null>> => ({
  number: run.runNumber === null ? null : String(run.runNumber),
  run: run.runId,
  commit: asciiLowerCase(run.sha).slice(0, shortSha),
  branch: run.branch,
  actor: run.actor === null ? null : asciiLowerCase(run.actor)
})

/** A run as it is stored; `u` is its URL, 1 on github.com. */
const StoredRun = Schema.Struct({
  s: FoundRun.fields.source,
  i: FoundRun.fields.sourceRepositoryId,
  w: FoundRun.fields.workflow,
  r: FoundRun.fields.runId,
  a: FoundRun.fields.attempt,
  n: FoundRun.fields.runNumber,
  b: FoundRun.fields.branch,
  l: FoundRun.fields.actor,
  c: FoundRun.fields.sha,
  u: Schema.Union([Schema.String, Schema.Literal(1)])
})
const toStored = ({ source: s, runId: r, runUrl, ...run }: FoundRun): typeof StoredRun.Type => ({
  ...{ s, i: run.sourceRepositoryId, w: run.workflow, r, a: run.attempt, n: run.runNumber },
  ...{ b: run.branch, l: run.actor, c: run.sha, u: runUrl === runOnGitHub(s, r) ? 1 : runUrl }
})

/** What leads to the run of an acceptance; nothing of other facts. */
export const foundPuts = (fact: Fact, { events }: Retention): ReadonlyArray<Appended> => {
  if (!isAcceptance(fact)) return []
  const run = foundRun(fact)
  const attributes = asAttributes(toStored(run))
  const expiresAt = expiryOf(Date.parse(fact.time), events)
  const sort = `${run.acceptedAt}/${run.deliveryId}`
  return Object.entries(valuesOf(run)).flatMap(([by, value]) =>
    value === null || value === ""
      ? []
      : {
          key: {
            table: "projections" as const,
            partition: partition(by as FindKey, value),
            sort: by === "commit" ? `${keyText(asciiLowerCase(run.sha))}/${sort}` : sort
          },
          attributes,
          expiresAt
        }
  )
}

/** The id of the run in its URL, or the text itself. */
const runIdIn = (text: string): string => /\/actions\/runs\/(\d+)/.exec(text)?.[1] ?? text

/** The range in which the runs with a value are; undefined where no run can have it. A commit may be cut short, to 7 digits at least. */
export const foundRange = (
  by: FindKey,
  value: string
): Pick<Query, "table" | "partition" | "from" | "to"> | undefined => {
  const text = value.trim()
  const table = "projections"
  if (text === "") return undefined
  switch (by) {
    case "number":
      return { table, partition: partition(by, text.replace(/^#/, "") || text) }
    case "run":
      return { table, partition: partition(by, runIdIn(text)) }
    case "branch":
      return { table, partition: partition(by, text) }
    case "actor":
      return { table, partition: partition(by, asciiLowerCase(text.replace(/^@/, "")) || text) }
    case "commit": {
      const sha = asciiLowerCase(text)
      if (!/^[0-9a-f]{7,64}$/.test(sha)) return undefined
      // "g" comes after all digits.
      return { table, partition: partition(by, sha.slice(0, shortSha)), from: sha, to: `${sha}g` }
    }
  }
}

const decode = itemDecoder(StoredRun)

/** Reads a found run. */
export const decodeFound = Effect.fnUntraced(function* (item: Item): Effect.fn.Return<FoundRun> {
  const { s, i, w, r, a, n, b, l, c, u } = yield* decode(item)
  const [acceptedAt = "", deliveryId = ""] = item.key.sort.split("/").slice(-2)
  return {
    ...{ deliveryId: DeliveryId.make(deliveryId), acceptedAt, source: s, sourceRepositoryId: i, workflow: w },
    ...{ runId: r, attempt: a, runNumber: n, branch: b, actor: l, sha: c, runUrl: u === 1 ? runOnGitHub(s, r) : u }
  }
})
