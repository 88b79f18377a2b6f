/** What the page says of connections: which are shown, who is not let in, what was counted, and how a repository's neighbours do. */
import type { ConnectionCounter, WorkflowConnection } from "../../../../domain/Topology.ts"
import type { Sent } from "../../api/Sent.ts"
import { isRepositoryName, isSameRepository } from "../../format/GitHub.ts"
import { count } from "../../format/Numbers.ts"
import { chainStateNames } from "../../format/Words.ts"
import type { TopologyInput } from "../../state/TopologyInput.ts"

/** A connection as the server sends it. */
export type SentConnection = Sent<WorkflowConnection>
/** An end of a connection. */
export type ConnectionSide = "source" | "target"

/** A connection's key: what it is known by, whatever its names' case. */
export const keyOfConnection = ({ source, target }: SentConnection): string =>
  [source.repository, source.workflow, target.repository, target.workflow].join(" ").toLowerCase()

/** Denials that the target's owners can lift by what they write in their own dispatching.yml. */
const targetsDenials = new Set<string | null>([
  ...["inbound_not_allowed", "inbound_branch", "inbound_ref", "inputs_not_accepted"],
  ...["target_config_absent", "target_config_invalid"]
])

/** Whether the source wants in and the target's own rules do not let it in. */
export const isNotLetIn = ({ decision, reason }: SentConnection): boolean =>
  decision === "denied" && targetsDenials.has(reason)

/** The account that has a repository. */
const ownerIn = (repository: string): string => repository.slice(0, repository.indexOf("/"))

const isInState = (connection: SentConnection, state: string): boolean =>
  state === "denied" ? connection.decision === "denied" : connection.state === state

/** The connections that are narrowed down to: either end may have the owner, and the name. */
export const narrowed = (
  connections: ReadonlyArray<SentConnection>,
  input: TopologyInput
): ReadonlyArray<SentConnection> => {
  const owner = input.owner?.toLowerCase()
  const named = input.named?.toLowerCase()
  return connections.filter((connection) => {
    const names = [connection.source.repository, connection.target.repository].map((name) => name.toLowerCase())
    return (
      (owner === undefined || names.some((name) => ownerIn(name) === owner)) &&
      (named === undefined || names.some((name) => name.includes(named))) &&
      (input.state === undefined || isInState(connection, input.state))
    )
  })
}

const counted: ReadonlyArray<readonly [ConnectionCounter, string]> = [
  ["allowed", "allowed"],
  ["denied", "denied"],
  ["dispatched", "started"],
  ["failed", "not started"],
  ["withdrawn", "withdrawn"],
  ["unknown", "unknown"]
]
const countedRuns: ReadonlyArray<readonly [ConnectionCounter, string]> = [
  ["succeeded", "succeeded"],
  ["unsuccessful", "unsuccessful"],
  ["running", "running"]
]

/**
 * The counts of seven days as they are stored: of dispatching, and of the runs that were started. Zeros are left out, and how many were
 * allowed where so many were started.
 */
export const countWords = ({ counts }: SentConnection): { readonly dispatching: string; readonly runs: string } => {
  const words = (counters: typeof counted) =>
    counters
      .filter(([counter]) => counts[counter] > 0)
      .map(([counter, word]) => `${count(counts[counter])} ${word}`)
      .join(", ")
  const isAllStarted = counts.allowed === counts.dispatched
  const dispatching = isAllStarted ? counted.filter(([counter]) => counter !== "allowed") : counted
  return { dispatching: words(dispatching), runs: words(countedRuns) }
}

/** Worst first; a state that this page does not know comes before all. */
const severity = chainStateNames

/** The state that most needs to be seen. */
const worstOf = (connections: ReadonlyArray<SentConnection>): string => {
  const strange = connections.find(({ state }) => !severity.some((one) => one === state))
  return strange?.state ?? severity.find((state) => connections.some((one) => one.state === state)) ?? "unseen"
}

/** A repository with the connections to it, of one kind. */
export interface Neighbour {
  /** As the latest connection spells it. */
  readonly repository: string
  readonly connections: ReadonlyArray<SentConnection>
  readonly worst: string
}

/** The repositories at one end of connections, those first that most need to be seen. */
export const neighboursAt = (
  connections: ReadonlyArray<SentConnection>,
  side: ConnectionSide
): ReadonlyArray<Neighbour> => {
  const found = new Map<string, ReadonlyArray<SentConnection>>()
  for (const connection of connections) {
    const key = connection[side].repository.toLowerCase()
    found.set(key, [...(found.get(key) ?? []), connection])
  }
  const all = [...found.values()].flatMap((own): ReadonlyArray<Neighbour> => {
    const [first] = own
    return first === undefined ? [] : [{ repository: first[side].repository, connections: own, worst: worstOf(own) }]
  })
  const isKnown = ({ worst }: Neighbour): boolean => severity.some((state) => state === worst)
  return [
    ...all.filter((one) => !isKnown(one)),
    ...severity.flatMap((state) => all.filter(({ worst }) => worst === state))
  ]
}

/** A line of the graph: all connections between two repositories. */
export interface Pair {
  readonly from: string
  readonly to: string
  readonly worst: string
  /** Whether none of them is let in. */
  readonly isDenied: boolean
}

/** The pairs of repositories that connections lead between. */
export const pairsOf = (connections: ReadonlyArray<SentConnection>): ReadonlyArray<Pair> => {
  const found = new Map<string, ReadonlyArray<SentConnection>>()
  for (const connection of connections) {
    const key = `${connection.source.repository} ${connection.target.repository}`.toLowerCase()
    found.set(key, [...(found.get(key) ?? []), connection])
  }
  return [...found.values()].flatMap((own): ReadonlyArray<Pair> => {
    const [first] = own
    if (first === undefined) return []
    const isDenied = own.every(({ decision }) => decision === "denied")
    return [{ from: first.source.repository, to: first.target.repository, worst: worstOf(own), isDenied }]
  })
}

/** A repository's name as connections spell it; as it was asked for, where none has it. */
export const spelledIn = (asked: string, connections: ReadonlyArray<SentConnection>): string =>
  connections
    .flatMap(({ source, target }) => [source.repository, target.repository])
    .find((name) => isSameRepository(name, asked)) ?? asked

/** The owners at either end of connections, in the order in which they come. */
export const ownersIn = (connections: ReadonlyArray<SentConnection>): ReadonlyArray<string> => {
  const owners = new Map<string, string>()
  for (const { source, target } of connections) {
    for (const { repository } of [source, target]) owners.set(ownerIn(repository).toLowerCase(), ownerIn(repository))
  }
  return [...owners.values()]
}

/** The repository that typed text means: the only one whose name has it, or any full name. Undefined where it means none, or several. */
export const repositoryTyped = (connections: ReadonlyArray<SentConnection>, text: string): string | undefined => {
  const named = text.trim().toLowerCase()
  const found = new Map<string, string>()
  for (const { source, target } of connections) {
    for (const { repository } of [source, target])
      if (named !== "" && repository.toLowerCase().includes(named)) found.set(repository.toLowerCase(), repository)
  }
  const [only, another] = found.values()
  const exact = found.get(named) ?? (isRepositoryName(named) ? text.trim() : undefined)
  return exact ?? (another === undefined ? only : undefined)
}
