/** Rankings as tables for export. */

import type { Leaderboard } from "../../../domain/Answers.ts"
import type { Scope } from "../../../domain/Scope.ts"
import type { Sent } from "../api/Sent.ts"
import type { DataSet } from "../format/Csv.ts"
import { rankingLabels, statusNames } from "../format/Words.ts"

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

export const rankingTable = ({ ranking, rows }: Sent<Leaderboard>): DataSet => ({
  name: `Ranking: ${rankingLabels[ranking].toLowerCase()}`,
  columns: [
    "kind",
    "name",
    ...statusNames,
    ...statusNames.map((status) => `${status} before`),
    "change",
    "success rate",
    "p95 ms",
    "top reason"
  ],
  rows: rows.map(({ scope, counts, previous, change, successRate, p95, topReason }) => [
    scope._tag,
    scopeText(scope),
    ...statusNames.map((status) => counts[status]),
    ...statusNames.map((status) => previous[status]),
    change,
    successRate,
    p95,
    topReason
  ])
})
