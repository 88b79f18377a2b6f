/**
 * Commands: they act, or evaluate live, by their nature. They are no readings of the dashboard: `explain` reads configs from GitHub and
 * applies the rules to a run that has not happened; `replay` and `redrive` put messages into queues.
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Explanation, HypotheticalRun } from "../../domain/Explanation.ts"
import { RepositoryName } from "../../domain/Names.ts"
import { DeliveryId } from "../../domain/SourceRun.ts"
import { QueueName } from "../../flow/DeadLetters.ts"
import { GitHubUnavailable, NoSuchDeadLetter, NoSuchJourney, StoreUnavailable } from "./Errors.ts"
import { Authorization, Parameters } from "./Middleware.ts"

/** A hypothetical run, and configs that take the place of those on GitHub. */
export const ExplainRequest = Schema.Struct({
  run: HypotheticalRun,
  /** Texts of `dispatching.yml` by repository, at most 100; what is not among them is read from GitHub. */
  configs: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.String).check(
      Schema.isPropertyNames(RepositoryName),
      Schema.isMaxProperties(100, { expected: "at most 100 repositories" })
    )
  ),
  /** The default branch of repositories whose config is given. Default: `main`. */
  defaultBranch: Schema.optionalKey(Schema.NonEmptyString)
})

/** A replay that was asked for; its facts carry the generation. */
export const Replayed = Schema.Struct({ deliveryId: DeliveryId, generation: Schema.Int })

/** What to put back: the dead letter with this id, or all of the queue where there is none. */
const Redrive = Schema.Struct({ queue: QueueName, id: Schema.optionalKey(Schema.NonEmptyString) })

/** How many messages were put back. */
const Redriven = Schema.Struct({ queue: QueueName, redriven: Schema.Int })

/** What acts, or evaluates live. */
export class CommandsApi extends HttpApiGroup.make("commands")
  .add(
    HttpApiEndpoint.post("explain", "/explain", {
      payload: ExplainRequest,
      success: Explanation,
      error: GitHubUnavailable
    }).annotate(OpenApi.Summary, "What a run would start, and rule by rule why; nothing is started or stored"),
    HttpApiEndpoint.post("replay", "/deliveries/:id/replay", {
      params: { id: DeliveryId },
      success: Replayed.pipe(HttpApiSchema.status(202)),
      error: [NoSuchJourney, StoreUnavailable]
    }).annotate(OpenApi.Summary, "Plans a delivery again; only what has no successful outcome is dispatched"),
    HttpApiEndpoint.post("redrive", "/dead-letters/redrive", {
      payload: Redrive,
      success: Redriven.pipe(HttpApiSchema.status(202)),
      error: [NoSuchDeadLetter, StoreUnavailable]
    }).annotate(OpenApi.Summary, "Puts a dead letter back as a new message, or all of a queue")
  )
  .annotate(
    OpenApi.Description,
    "Commands, not readings: they evaluate live or change something. `explain` reads configs from GitHub by its nature; `replay` and `redrive` put messages into queues."
  )
  .middleware(Parameters)
  .middleware(Authorization) {}
