/** Matching and deciding: milliseconds for one run against ever more rules. Pure, in this process. */
import { performance } from "node:perf_hooks"
import { Result } from "effect"
import type { DispatchingConfig } from "../src/domain/Config.ts"
import { parseConfig } from "../src/domain/ConfigFile.ts"
import { matchRun } from "../src/domain/Matching.ts"
import { normalizeWorkflow, RepositoryName, repositoryKey, WorkflowFile } from "../src/domain/Names.ts"
import { chainOf } from "../src/domain/Order.ts"
import { matchesAny, matchesPattern } from "../src/domain/Pattern.ts"
import { decide, targetRepositories } from "../src/domain/Planning.ts"
import { escapeMarkdown } from "../src/domain/ReportMarkdown.ts"
import { DeliveryId, GitHubId, type SourceRun } from "../src/domain/SourceRun.ts"
import { renderInputs } from "../src/domain/Template.ts"
import { median, printTable } from "./Print.ts"

const run: SourceRun = {
  repository: RepositoryName.make("acme/shop"),
  repositoryId: GitHubId.make("1"),
  installationId: GitHubId.make("1"),
  defaultBranch: "main",
  workflow: WorkflowFile.make("ci.yml"),
  runId: GitHubId.make("1"),
  attempt: 1,
  branch: "main",
  sha: "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d",
  event: "push",
  conclusion: "success",
  actor: "octocat",
  url: "https://github.com/acme/shop/actions/runs/1",
  fork: false
}

const parsed = (document: object): DispatchingConfig =>
  Result.getOrThrow(parseConfig(JSON.stringify(document, null, 1)))

/** `count` rules; one in a hundred is about the run. */
const rules = (count: number): DispatchingConfig => {
  const { outbound } = parsed({
    outbound: [
      {
        source: { workflow: "ci.yml", branches: ["main", "release/**"] },
        targets: [{ repository: "deploy", workflow: "cd.yml" }]
      }
    ]
  })
  const { inbound } = parsed({
    inbound: [
      { source: { repository: "shop", workflow: "ci.yml", branches: ["main"] }, targets: [{ workflow: "cd.yml" }] }
    ]
  })
  const many = <A extends { readonly source: { readonly workflow: WorkflowFile } }>(
    rule: A | undefined
  ): ReadonlyArray<A> =>
    rule === undefined
      ? []
      : Array.from({ length: count }, (_, index) =>
          index % 100 === 0
            ? rule
            : { ...rule, source: { ...rule.source, workflow: WorkflowFile.make(`other-${index}.yml`) } }
        )
  return { outbound: many(outbound[0]), inbound: many(inbound[0]) }
}

const plan = (config: DispatchingConfig): number => {
  const policy = {
    defaultRef: "main",
    sourceAllowlist: undefined,
    targetAllowlist: undefined,
    maxTargets: 25,
    maxChainDepth: 5,
    maxChainStarts: 200,
    maxOtherOwners: 10
  }
  const chain = chainOf(run)
  const { matched } = matchRun({ run, config, file: "dispatching.yml", policy, chain })
  const answer = { _tag: "Found", config, path: "dispatching.yml", defaultBranch: "main" } as const
  const answers = new Map(targetRepositories(matched).map((name) => [repositoryKey(name), answer]))
  const acceptance = { deliveryId: DeliveryId.make("d"), acceptedAt: "2026-01-01T00:00:00Z", run, generation: 0 }
  return decide({ acceptance, matched, answers, chain }).orders.length
}

const milliseconds = (work: () => unknown): number => {
  const times = Array.from({ length: 21 }, () => {
    const before = performance.now()
    work()
    return performance.now() - before
  })
  return median(times)
}

/** Measures and prints. */
export const benchRules = (): void => {
  const rows = [1, 100, 10_000].map((count) => {
    const config = rules(count)
    plan(config)
    return [`${count.toLocaleString("en")} rules on each side`, milliseconds(() => plan(config))]
  })
  printTable("Matching and deciding one run", ["", "ms"], rows)

  const patterns = Array.from({ length: 100 }, (_, index) => `${"*a".repeat(30)}${index}`)
  const longest: ReadonlyArray<readonly [string, () => unknown]> = [
    ["100 patterns against 500 names", () => Array.from({ length: 500 }, () => matchesAny(patterns, "a".repeat(40)))],
    [
      "a pattern of 125 stars against 10,000 characters",
      () => matchesPattern(`${"*a".repeat(125)}*b`, "a".repeat(10_000))
    ],
    ["a workflow's path of a million characters", () => normalizeWorkflow(".yml".repeat(250_000))],
    ["a template of 30,000 variables", () => renderInputs(new Map([["x", "{{ source.sha }}".repeat(30_000)]]), run)],
    ["a name of a million characters in a report", () => escapeMarkdown(":a".repeat(500_000))]
  ]
  printTable(
    "The worst that a stranger may write",
    ["", "ms"],
    longest.map(([what, work]) => [what, milliseconds(work)])
  )
}
