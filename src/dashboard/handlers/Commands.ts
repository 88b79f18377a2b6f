/** Handlers of commands: what acts, or evaluates live. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { RepositoryName } from "../../domain/Names.ts"
import { DeadLetters } from "../../flow/DeadLetters.ts"
import { explain, layerPasted } from "../../flow/Explain.ts"
import { Replays } from "../../flow/Replay.ts"
import type { Settings } from "../../flow/Settings.ts"
import type { ConfigSource } from "../../ports/ConfigSource.ts"
import { Api } from "../Api.ts"
import { GitHubUnavailable, NoSuchJourney } from "../api/Errors.ts"
import { SignedInCaller } from "../api/Middleware.ts"
import { noSuchLetter } from "./DeadLetters.ts"
import { unavailable } from "./Failing.ts"

/** Given configs by the names of their repositories, which the contract has checked. */
const byRepository = (configs: Readonly<Record<string, string>>): ReadonlyMap<RepositoryName, string> =>
  new Map(Object.entries(configs).map(([name, text]) => [RepositoryName.make(name), text]))

export const layer = HttpApiBuilder.group(
  Api,
  "commands",
  Effect.fnUntraced(function* (handlers) {
    const services = yield* Effect.context<ConfigSource | Settings>()
    const replays = yield* Replays
    const deadLetters = yield* DeadLetters
    return handlers.handleAll({
      explain: ({ payload: { run, configs = {}, defaultBranch = "main" } }) =>
        explain(run).pipe(
          Effect.provide(layerPasted(byRepository(configs), defaultBranch)),
          Effect.provideContext(services),
          Effect.mapError(({ message }) => new GitHubUnavailable({ message }))
        ),
      replay: Effect.fnUntraced(function* ({ params: { id } }) {
        const { name } = yield* SignedInCaller
        const { generation } = yield* replays.replay(id, name).pipe(
          Effect.catchTags({
            NoSuchDelivery: () => Effect.fail(new NoSuchJourney({ message: "there is no such delivery to replay" })),
            TableError: unavailable,
            QueueError: unavailable
          })
        )
        return { deliveryId: id, generation }
      }),
      redrive: Effect.fnUntraced(function* ({ payload: { queue, id } }) {
        const { name } = yield* SignedInCaller
        const asking = deadLetters.redrive(queue, id ?? "all", name)
        const redriven = yield* Effect.catchTag(asking, "QueueError", unavailable)
        if (id !== undefined && redriven === 0) return yield* noSuchLetter()
        return { queue, redriven }
      })
    })
  })
)
