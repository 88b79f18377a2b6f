/** A run as people have it in hand: its URL or id, its key, or the delivery that brought it; and the chain that it is part of. */
import { Effect, Schema } from "effect"
import type { FoundRun, Journey } from "../../domain/Answers.ts"
import type { ChainView } from "../../domain/Chain.ts"
import { DeliveryId, GitHubId, type RunKey } from "../../domain/SourceRun.ts"
import { aloneView } from "./ChainVerdict.ts"
import { answered, type service } from "./Service.ts"

/** A delivery's GUID as GitHub writes it. What only resembles one is a mistake of who calls, and nothing to ask a service for. */
export const DeliveryGuid = DeliveryId.check(
  Schema.isPattern(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, { expected: "a delivery's GUID" })
)
const isGuid = Schema.is(DeliveryGuid)

/** By what a run is sought. */
export type SoughtRun =
  | { readonly by: "delivery"; readonly id: DeliveryId }
  | { readonly by: "key"; readonly key: RunParts }
  | { readonly by: "id"; readonly id: string; readonly repository?: string; readonly attempt?: number }
/** The parts of a run's key. */
interface RunParts {
  readonly repositoryId: GitHubId
  readonly runId: GitHubId
  readonly attempt: number
}

const url = /^https?:\/\/[^/]+\/([^/]+\/[^/]+)\/actions\/runs\/(\d+)(?:\/attempts\/(\d+))?/
const key = /^([1-9]\d*)\/([1-9]\d*)\/([1-9]\d*)$/

const partsOf = (text: string): RunParts | undefined => {
  const [, repositoryId, runId, attempt] = key.exec(text) ?? []
  return repositoryId === undefined || runId === undefined
    ? undefined
    : { repositoryId: GitHubId.make(repositoryId), runId: GitHubId.make(runId), attempt: Number(attempt) }
}

/** What a text names: `https://github.com/acme/app/actions/runs/7`, `7`, `repository id/run id/attempt`, or a delivery's GUID. */
export const soughtRun = (text: string): SoughtRun | undefined => {
  const [, repository, id, attempt] = url.exec(text) ?? []
  if (id !== undefined && repository !== undefined) {
    return { by: "id", id, repository, ...(attempt === undefined ? {} : { attempt: Number(attempt) }) }
  }
  if (/^[1-9]\d{0,19}$/.test(text)) return { by: "id", id: text }
  const parts = partsOf(text)
  if (parts !== undefined) return { by: "key", key: parts }
  return isGuid(text) ? { by: "delivery", id: text } : undefined
}

type Client = Effect.Success<ReturnType<typeof service>>["client"]

const isSought =
  ({ repository, attempt }: Extract<SoughtRun, { readonly by: "id" }>) =>
  (run: FoundRun): boolean =>
    (repository === undefined || run.source.toLowerCase() === repository.toLowerCase()) &&
    (attempt === undefined || run.attempt === attempt)

/** Where the chain of a run is sought. */
export interface ChainSource {
  /** Of several attempts the latest accepted; undefined if nothing is known of the run. */
  readonly journey: (sought: SoughtRun) => Effect.Effect<Journey | undefined, AskingError>
  /** The chain that began with a run; undefined if none did. */
  readonly chain: (root: RunKey) => Effect.Effect<ChainView | undefined, AskingError>
}
type AskingError = Effect.Error<ReturnType<ReturnType<typeof answered>>>

/** Chains of the service of this client. */
export const chainSource = (client: Client, baseUrl: string): ChainSource => {
  const say = answered(baseUrl)
  const nothing = () => Effect.succeed(undefined)
  const ofRun = (params: RunParts) =>
    say(client.lists.runJourney({ params }).pipe(Effect.catchTag("NoSuchJourney", nothing)))
  const ofId = Effect.fnUntraced(function* (sought: Extract<SoughtRun, { readonly by: "id" }>) {
    const { rows } = yield* say(client.lists.find({ query: { by: "run", value: sought.id, limit: 200 } }))
    const found = rows.find(isSought(sought))
    return found === undefined ? undefined : yield* ofRun({ ...found, repositoryId: found.sourceRepositoryId })
  })
  return {
    journey: (sought) => {
      switch (sought.by) {
        case "delivery":
          return say(
            client.lists.journey({ params: { id: sought.id } }).pipe(Effect.catchTag("NoSuchJourney", nothing))
          )
        case "key":
          return ofRun(sought.key)
        case "id":
          return ofId(sought)
      }
    },
    chain: (root) => {
      const params = partsOf(root)
      return params === undefined
        ? nothing()
        : say(client.lists.chain({ params }).pipe(Effect.catchTag("NoSuchChain", nothing)))
    }
  }
}

/**
 * Asks for the chain of a run each time it is run: undefined while nothing is known of the run, or while its facts are being recorded. A
 * run that is part of no chain is one of its own. One to three requests, and one each time once the chain is known.
 */
export const chainOfSought = ({ journey, chain }: ChainSource, sought: SoughtRun) => {
  let root: RunKey | undefined
  return Effect.gen(function* () {
    if (root !== undefined) return yield* chain(root)
    const found = yield* journey(sought)
    if (found === undefined || found.row === null) return undefined
    root = found.chain?.root
    if (root !== undefined) return yield* chain(root)
    return found.row.counts.targets === 0 ? aloneView(found.row) : undefined
  })
}
