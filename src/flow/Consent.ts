/**
 * Consent at the moment of the start: an order that waited longer than a minute is started only if both files still admit it.
 *
 * Files that are read for this are kept for a minute, so that a backlog of orders between the same repositories costs one request for each
 * repository and minute.
 */
import { Cache, Context, Duration, Effect, Exit, Layer } from "effect"
import type { ConfigAnswer } from "../domain/Config.ts"
import { withdrawal } from "../domain/Consent.ts"
import type { Denial } from "../domain/Denial.ts"
import { ownerOf, type RepositoryName, repositoryKey } from "../domain/Names.ts"
import type { Order } from "../domain/Order.ts"
import { ConfigSource, type KnownInstallation } from "../ports/ConfigSource.ts"
import { GitHubError, Unavailable } from "../ports/GitHubError.ts"
import { Settings } from "./Settings.ts"

/** Configs that were read within the last minute. */
export class RecentConfigs extends Context.Service<
  RecentConfigs,
  {
    /** One request to GitHub for each repository and minute. A config that cannot be read for now is an error. */
    readonly get: (repository: RepositoryName, known: KnownInstallation) => Effect.Effect<ConfigAnswer, GitHubError>
  }
>()("dispatcher/flow/Consent/RecentConfigs") {}

const capacity = 1000
const keptFor = Duration.minutes(1)

/** Plain data, since keys are compared by what they hold. */
interface Wanted {
  readonly repository: RepositoryName
  readonly owner: string
  readonly installationId: KnownInstallation["installationId"]
}

const read = Effect.fnUntraced(function* ({ repository, ...known }: Wanted) {
  const configs = yield* ConfigSource
  const answers = yield* configs.load([repository], known)
  const answer: ConfigAnswer = answers.get(repositoryKey(repository)) ?? { _tag: "Absent" }
  if (answer._tag === "Unreachable" && answer.transient) {
    const reason = new Unavailable({ message: answer.message })
    return yield* new GitHubError({ operation: "Consent.read", reason })
  }
  return answer
})

/** Over the service that reads configs. */
export const layer: Layer.Layer<RecentConfigs, never, ConfigSource> = Layer.effect(
  RecentConfigs,
  Effect.map(
    Cache.makeWith(read, {
      capacity,
      timeToLive: (exit) => (Exit.isSuccess(exit) ? keptFor : Duration.zero),
      requireServicesAt: "construction"
    }),
    (cache) => ({
      get: (repository, { owner, installationId }) => Cache.get(cache, { repository, owner, installationId })
    })
  )
)

/** From this age on, consent is asked for again. */
const consentLasts = Duration.minutes(1)

/** Whether an order is older than its consent lasts, by our clock or by GitHub's time. */
export const isStale = ({ acceptedAt }: Order, times: ReadonlyArray<number>): boolean =>
  Math.max(...times) - Date.parse(acceptedAt) > Duration.toMillis(consentLasts)

/** Why the order may not be started any more, if it may not. At most two requests to GitHub, none where both files were read lately. */
export const findWithdrawal = Effect.fn("Dispatch.findWithdrawal")(function* (
  order: Order
): Effect.fn.Return<Denial | undefined, GitHubError, RecentConfigs | Settings> {
  const configs = yield* RecentConfigs
  const { policy } = yield* Settings
  const { run, target } = order
  const known = { owner: ownerOf(run.repository), installationId: run.installationId }
  const [source, wanted] = yield* Effect.all(
    [configs.get(run.repository, known), configs.get(target.repository, known)],
    { concurrency: 2 }
  )
  return withdrawal({ order, source, target: wanted, policy })
})
