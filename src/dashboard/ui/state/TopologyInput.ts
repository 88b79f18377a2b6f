/** What the Topology view shows: one repository's neighbours, or all connections, narrowed. All of it is in the URL's query. */
import { chainStateNames } from "../format/Words.ts"
import { repositoryIn } from "./HypotheticalInput.ts"

/** What connections are narrowed by: the domain's states, and denied ones alone. */
export const connectionStates = ["denied", ...chainStateNames]

export interface TopologyInput {
  /** The repository whose neighbours are shown; all connections, if absent. */
  readonly around: string | undefined
  /** An owner of the source or the target. */
  readonly owner: string | undefined
  /** One of {@link connectionStates}. */
  readonly state: string | undefined
  /** A part of a repository's name. */
  readonly named: string | undefined
}

/** All connections. */
export const wholeTopology: TopologyInput = { around: undefined, owner: undefined, state: undefined, named: undefined }

const ownerPattern = /^[A-Za-z0-9_-]{1,100}$/
/** Longer text is part of no name. */
const longest = 201

const part = (text: string | null): string | undefined => {
  const trimmed = text?.trim() ?? ""
  return trimmed === "" || trimmed.length > longest ? undefined : trimmed
}

/** Reads it from a query; what makes no sense is left out. */
export const parseTopology = (given: URLSearchParams): TopologyInput => {
  const owner = given.get("owner")
  return {
    around: repositoryIn(given.get("around")),
    owner: owner !== null && ownerPattern.test(owner) ? owner : undefined,
    state: connectionStates.find((state) => state === given.get("state")),
    named: part(given.get("named"))
  }
}
