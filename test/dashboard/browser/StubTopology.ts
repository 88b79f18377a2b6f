/** Who starts whom among 2, 20 and 300 made-up repositories of a few owners: what the stub server answers for the topology. */
import type { EdgeState } from "../../../src/domain/Chain.ts"
import { RepositoryName, WorkflowFile } from "../../../src/domain/Names.ts"
import { GitHubId, RunKey } from "../../../src/domain/SourceRun.ts"
import type { ConnectionCounts, Neighbours, WorkflowConnection } from "../../../src/domain/Topology.ts"
import { pick, type Random, randomFrom } from "./StubRandom.ts"

const minute = 60_000
const none: ConnectionCounts = {
  ...{ allowed: 0, denied: 0, dispatched: 0, failed: 0, withdrawn: 0, unknown: 0 },
  ...{ succeeded: 0, unsuccessful: 0, running: 0 }
}

type Fate = Pick<WorkflowConnection, "decision" | "state" | "status" | "reason" | "message" | "counts">
const allowed = { decision: "allowed", status: "dispatched", reason: null, message: null } as const

/** How the latest run on a connection went, and those of seven days. */
const fateOf = (state: EdgeState, target: string, runs: number): Fate => {
  const well = { ...none, allowed: runs, dispatched: runs, succeeded: runs }
  switch (state) {
    case "refused":
      return {
        ...{ decision: "denied", state, status: "denied", reason: "inbound_not_allowed" },
        message: `No inbound rule in dispatching.yml of ${target} lets it in; its owners have to add one.`,
        counts: { ...none, denied: runs }
      }
    case "open":
      return { ...allowed, state, status: "queued", counts: { ...well, allowed: runs + 1 } }
    case "running":
      return { ...allowed, state, counts: { ...well, allowed: runs + 1, dispatched: runs + 1, running: 1 } }
    case "failed":
      return { ...allowed, state, counts: { ...well, allowed: runs + 2, dispatched: runs + 2, unsuccessful: 2 } }
    default:
      return { ...allowed, state, counts: well }
  }
}

/** A connection between two repositories, `owner/name` both. */
const connection = (
  from: string,
  to: string,
  state: EdgeState,
  { now = 0, runs = 3, workflow = "ci.yml" } = {}
): WorkflowConnection => {
  const at = new Date(now - runs * 7 * minute).toISOString()
  const ended = state === "failed" || state === "succeeded"
  const started = state !== "refused" && state !== "open"
  return {
    source: { repository: RepositoryName.make(from), workflow: WorkflowFile.make(workflow) },
    target: { repository: RepositoryName.make(to), workflow: WorkflowFile.make("cd.yml") },
    run: RunKey.make(`1000/${19_000_000_000 + runs}/1`),
    acceptedAt: at,
    ref: "main",
    ...fateOf(state, to, runs),
    since: at,
    started: started
      ? {
          id: GitHubId.make(`${20_000_000_000 + runs}`),
          url: `https://github.com/${to}/actions/runs/${20_000_000_000 + runs}`
        }
      : null,
    result: ended
      ? {
          _tag: "Completed",
          conclusion: state === "failed" ? "failure" : "success",
          attempt: 1,
          completedAt: at,
          duration: 61_000 + runs * 4_000
        }
      : null
  }
}

/** Who starts whom among 20 repositories, around `acme/platform`. */
const twenty: ReadonlyArray<readonly [from: string, to: string, state: EdgeState]> = [
  ["acme/base-image", "acme/platform", "succeeded"],
  ["acme/toolchain", "acme/base-image", "succeeded"],
  ["acme/toolchain", "acme/platform", "succeeded"],
  ["acme/schemas", "acme/platform", "running"],
  ["umbrella/scanner", "acme/platform", "refused"],
  ["umbrella/feeds", "umbrella/scanner", "succeeded"],
  ["initech/tps-reports", "acme/platform", "refused"],
  ["acme/platform", "acme/deploy-staging", "succeeded"],
  ["acme/platform", "acme/docs", "succeeded"],
  ["acme/platform", "acme/portal", "failed"],
  ["acme/platform", "acme/mobile-bff", "open"],
  ["acme/platform", "umbrella/site", "refused"],
  ["acme/deploy-staging", "acme/qa-suite", "succeeded"],
  ["acme/qa-suite", "acme/deploy-production", "failed"],
  ["acme/deploy-production", "acme/status-page", "unseen"],
  ["acme/mobile-bff", "acme/app-store", "succeeded"],
  ["acme/mobile-bff", "acme/play-store", "succeeded"],
  ["acme/docs", "acme/recommendations-and-personalisation-service", "succeeded"],
  ["acme/portal", "acme/platform", "succeeded"],
  ["acme/docs", "acme/search-api", "succeeded"]
]

const stateBy = (random: Random): EdgeState => {
  const luck = random()
  if (luck < 0.06) return "refused"
  if (luck < 0.1) return "failed"
  return luck < 0.13 ? pick(random, ["running", "open", "unseen"]) : "succeeded"
}

/** 300 repositories: `acme/platform-base-image` starts 40 services, each of which starts a few of its own; others join in. */
const threeHundred = (now: number): ReadonlyArray<WorkflowConnection> => {
  const random = randomFrom(7)
  const services = Array.from({ length: 40 }, (_, index) => `acme/service-${`${index + 1}`.padStart(2, "0")}`)
  const regions = ["eu-central", "eu-west", "us-east", "us-west"]
  const teams = ["initech", "umbrella", "hooli"].flatMap((owner) =>
    Array.from({ length: 33 }, (_, index) => `${owner}/job-${index + 1}`)
  )
  const next = (from: string, to: string, state = stateBy(random)) =>
    connection(from, to, state, { now, runs: 1 + Math.floor(random() * 60) })
  return [
    ...services.map((service) => next("acme/platform-base-image", service)),
    ...services.flatMap((service) => regions.map((region) => next(service, `${service}-${region}`))),
    ...teams.map((team, index) => next(team, services[index % services.length] ?? "acme/service-01")),
    ...teams.map((team) => next("acme/release-train", team, random() < 0.3 ? "refused" : stateBy(random)))
  ]
}

/** The made-up topologies, by how many repositories they have. */
export const makeTopologies = (now: number) => {
  const some = twenty.map(([from, to, state], index) => connection(from, to, state, { now, runs: index + 1 }))
  const nightly = connection("acme/toolchain", "acme/platform", "failed", { now, runs: 4, workflow: "nightly.yml" })
  return {
    none: [],
    two: [connection("acme/shop", "acme/deploy", "succeeded", { now })],
    twenty: [...some, nightly],
    threeHundred: threeHundred(now)
  } satisfies Record<string, ReadonlyArray<WorkflowConnection>>
}
export type TopologySize = keyof ReturnType<typeof makeTopologies>

const bySource = (a: WorkflowConnection, b: WorkflowConnection): number =>
  a.source.repository < b.source.repository ? -1 : a.source.repository > b.source.repository ? 1 : 0

/** A page of all connections, in the order of their sources; the cursor is the place of the next. */
export const connectionPage = (
  connections: ReadonlyArray<WorkflowConnection>,
  cursor: string | null,
  limit: number
) => {
  const start = Number(cursor ?? 0)
  const end = start + limit
  const page = connections.toSorted(bySource).slice(start, end)
  return { connections: page, cursor: end < connections.length ? `${end}` : null }
}

/** What a repository starts, and what starts it. */
export const neighboursOf = (connections: ReadonlyArray<WorkflowConnection>, repository: string): Neighbours => {
  const isIt = (name: string): boolean => name.toLowerCase() === repository.toLowerCase()
  const starts = connections.filter(({ source }) => isIt(source.repository))
  const startedBy = connections.filter(({ target }) => isIt(target.repository))
  return {
    known: starts.length + startedBy.length > 0,
    starts,
    startedBy,
    moreStarts: false,
    moreStartedBy: false
  }
}
