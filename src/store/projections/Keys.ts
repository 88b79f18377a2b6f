/**
 * Where projections are kept. Every read is a get or a range of one partition. No partition grows for ever: each is bounded by a day, by
 * how long its items are kept, or by how many scopes were active lately.
 *
 * | partition | sort | holds | written by |
 * | --- | --- | --- | --- |
 * | `minute/<scope>`, `hour/<scope>` | minute, hour | what the facts of that minute, hour added | Record |
 * | `day/<scope>` | day | the sum of its hours | Rollup |
 * | `deliveries[/source=<repository>]/<day>` | `<accepted at>/<guid>` | a delivery and what became of it so far | Record |
 * | `deliveries[/source=<repository>]/days` | day | that there are deliveries of that day | Record |
 * | `open/unplanned`, `open/unsettled` | `<accepted at>/<what>@<generation>` | work whose end was not told yet | Record |
 * | `known/sources`, `known/targets` | repository | the repository's name | Record |
 * | `active` | scope | when something was last recorded for it | Record |
 * | `figures/<window>` | scope | the figures of the window; nothing where all are zero | Rollup |
 * | `leaderboard/<window>` | `<ranking>/<page>` | a page of the ranking | Rollup |
 * | `rollup` | `health` | how the service does | Rollup |
 * | | `tick` | when the rollup last brought everything up to date | Rollup |
 */
import type { Bucket, Granularity } from "../../domain/Bucket.ts"
import { type RepositoryName, repositoryKey } from "../../domain/Names.ts"
import { type Scope, scopeKey } from "../../domain/Scope.ts"
import type { Ranking, StalledWork, Window } from "../../domain/Views.ts"
import type { Key } from "../../ports/Table.ts"
import type { DayList } from "../DayList.ts"

const table = "projections"
const key = (partition: string, sort: string): Key => ({ table, partition, sort })

export const bucketPartition = (granularity: Granularity, scope: Scope): string => `${granularity}/${scopeKey(scope)}`
export const bucketKey = (granularity: Granularity, scope: Scope, bucket: Bucket): Key =>
  key(bucketPartition(granularity, scope), bucket)
/** The range of buckets from one to another, both inclusive. */
export const bucketRange = (granularity: Granularity, scope: Scope, from: Bucket, to: Bucket) =>
  ({ table, partition: bucketPartition(granularity, scope), from, to }) as const

/** The deliveries of one source, or of all. */
export const deliveryList = (source: RepositoryName | undefined): DayList => ({
  table,
  name: source === undefined ? "deliveries" : `deliveries/source=${repositoryKey(source)}`
})

/** Open work sorts by when its delivery was accepted: the oldest first. */
export const openKey = (kind: StalledWork["kind"], acceptedAt: string, work: string, generation: number): Key =>
  key(`open/${kind}`, `${acceptedAt}/${work}@${generation}`)
export const openRange = (kind: StalledWork["kind"]) => ({ table, partition: `open/${kind}` }) as const

export const knownKey = (side: "sources" | "targets", repository: RepositoryName): Key =>
  key(`known/${side}`, repositoryKey(repository))
export const knownRange = (side: "sources" | "targets") => ({ table, partition: `known/${side}` }) as const

export const activeKey = (scope: Scope): Key => key("active", scopeKey(scope))
export const activeRange = { table, partition: "active" } as const

export const figuresKey = (window: Window, scope: Scope): Key => key(`figures/${window}`, scopeKey(scope))
export const figuresRange = (window: Window) => ({ table, partition: `figures/${window}` }) as const

export const pageKey = (window: Window, ranking: Ranking, page: number): Key =>
  key(`leaderboard/${window}`, `${ranking}/${String(page).padStart(4, "0")}`)
export const leaderboardRange = (window: Window) => ({ table, partition: `leaderboard/${window}` }) as const

export const healthKey = key("rollup", "health")
export const tickKey = key("rollup", "tick")
