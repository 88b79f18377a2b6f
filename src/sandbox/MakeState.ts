/**
 * Turns a scenario into the state that a sandbox starts with.
 */
import { arm } from "./Faults.ts"
import type { RepositorySeed, Scenario } from "./Scenario.ts"
import { type GitRef, nextId, type SandboxRepository, type SandboxState } from "./State.ts"

const makeRefs = (seed: RepositorySeed): Map<string, GitRef> => {
  const branch = (name: string, changes: Readonly<Record<string, string | null>> = {}): GitRef => {
    const files = new Map(Object.entries(seed.files))
    for (const [path, text] of Object.entries(changes)) {
      if (text === null) files.delete(path)
      else files.set(path, text)
    }
    return { kind: "branch", name, files, commit: undefined }
  }
  const { branches } = seed
  const others = Array.isArray(branches) ? branches.map((name) => [name, {}] as const) : Object.entries(branches)
  const heads = new Map<string, GitRef>([[seed.defaultBranch, branch(seed.defaultBranch)]])
  for (const [name, changes] of others) heads.set(name, branch(name, changes))
  return new Map([
    ...[...heads].map(([name, ref]) => [`heads/${name}`, ref] as const),
    ...seed.tags.map(
      (name) =>
        [`tags/${name}`, { kind: "tag", name, files: new Map(Object.entries(seed.files)), commit: undefined }] as const
    )
  ])
}

const makeRepository = (
  ids: Pick<SandboxState, "counters" | "seed">,
  seed: RepositorySeed,
  now: number
): SandboxRepository => {
  const [owner = "", name = ""] = seed.name.split("/")
  return {
    id: seed.id ?? nextId(ids, "repository"),
    owner,
    name,
    fullName: seed.name,
    defaultBranch: seed.defaultBranch,
    private: seed.private,
    archived: seed.archived,
    actions: seed.actions,
    hasIssues: seed.issues,
    disabledWorkflows: new Set(seed.disabledWorkflows),
    refs: makeRefs(seed),
    workflowIds: new Map(),
    runCounts: new Map(),
    startedCounts: new Map(),
    issues: [],
    commits: new Set(),
    checkRuns: [],
    createdAt: now
  }
}

/** Builds the state that a scenario describes. */
export const makeState = (options: {
  readonly scenario: Scenario
  readonly url: string
  readonly privateKeyPem: string
  readonly seed: number
  readonly webhookUrl: string | undefined
  readonly now: number
}): SandboxState => {
  const { scenario, url, privateKeyPem, seed, now } = options
  const ids = { counters: new Map<string, number>(), seed }
  const { id, slug, owner, webhookSecret, webhookUrl } = scenario.app
  return {
    url,
    app: { id, slug, owner, webhookSecret, privateKeyPem },
    settings: scenario,
    seed,
    webhookUrl: options.webhookUrl ?? webhookUrl,
    installations: scenario.installations.map(({ repositories, suspended, ...rest }) => ({
      ...rest,
      selected: repositories === "all" ? "all" : new Set(repositories.map((name) => name.toLowerCase())),
      suspendedAt: suspended ? now : undefined,
      shutOutBy: undefined,
      createdAt: now
    })),
    formerNames: new Map(),
    repositories: new Map(
      scenario.repositories.map((repository) => [repository.name.toLowerCase(), makeRepository(ids, repository, now)])
    ),
    tokens: new Map(),
    runs: new Map(),
    deliveries: [],
    requests: [],
    faults: scenario.faults.map(arm),
    allowances: {
      core: { limit: scenario.rateLimits.core.limit, remaining: scenario.rateLimits.core.remaining },
      graphql: { limit: scenario.rateLimits.graphql.limit, remaining: scenario.rateLimits.graphql.remaining }
    },
    buckets: new Map(),
    counters: ids.counters
  }
}
