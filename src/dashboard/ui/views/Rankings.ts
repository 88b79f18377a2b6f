/** Rankings as tables for export. */

import type { Leaderboard } from "../../../domain/Answers.ts"
import type { Scope } from "../../../domain/Scope.ts"
import type { Sent } from "../api/Sent.ts"
import type { DataSet } from "../format/Csv.ts"
import { countedNames, rankingLabels } from "../format/Words.ts"

/** A scope's name as text. */
export const scopeText = (scope: Sent<Scope>): string => {
  switch (scope._tag) {
    case "Global":
      return "everything"
    case "Source":
    case "Target":
      return scope.repository
    case "Workflow":
      return `${scope.repository} ${scope.workflow}`
    case "Pair":
      return `${scope.source} → ${scope.target}`
    case "Version":
      return scope.version
  }
}

/** Counted beside the statuses: how started runs stand. */
const resultNames = ["succeeded", "unsuccessful", "running"] as const
const counted = [...countedNames, ...resultNames] as const
const quantiles = ["p50", "p95", "p99", "max"] as const

export const rankingTable = ({ ranking, rows }: Sent<Leaderboard>): DataSet => ({
  name: `Ranking: ${rankingLabels[ranking].toLowerCase()}`,
  columns: [
    "kind",
    "name",
    ...counted,
    ...counted.map((name) => `${name} before`),
    "change",
    "success rate",
    "p95 ms",
    "result rate",
    ...quantiles.map((quantile) => `completion ${quantile} ms`),
    "top reason"
  ],
  rows: rows.map(({ scope, counts, previous, change, successRate, p95, resultRate, completion, topReason }) => [
    scope._tag,
    scopeText(scope),
    ...counted.map((name) => counts[name]),
    ...counted.map((name) => previous[name]),
    change,
    successRate,
    p95,
    resultRate,
    ...quantiles.map((quantile) => completion[quantile]),
    topReason
  ])
})
