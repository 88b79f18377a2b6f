/**
 * What becomes of the runs that the App starts, as a scenario says it: when each one ends, how, and whether it runs again. StartedRuns.ts
 * carries it out. An end is one of three, named by `ends`, so that nothing can be written that contradicts itself.
 */
import { Effect, Schema } from "effect"

/** How GitHub says that a run ended. https://docs.github.com/en/rest/actions/workflow-runs */
export const RunConclusion = Schema.Literals([
  "action_required",
  "cancelled",
  "failure",
  "neutral",
  "skipped",
  "stale",
  "startup_failure",
  "success",
  "timed_out"
])
export type RunConclusion = typeof RunConclusion.Type

const Millis = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0, { message: "Expected milliseconds, 0 or more" }))
const millisOrNone = Schema.withDecodingDefaultKey<typeof Millis>(Effect.succeed(0))(Millis)

/** Completes after a while. */
const laterFields = {
  ends: Schema.Literal("later"),
  /** Milliseconds in which it is queued. */
  queuedMillis: millisOrNone,
  /** Milliseconds in which it is in progress, until it is completed. */
  afterMillis: Millis,
  conclusion: RunConclusion
}

/** Goes in progress and stays so, until a test completes it. */
const neverFields = {
  ends: Schema.Literal("never"),
  queuedMillis: millisOrNone
}

/** Milliseconds between the end of attempt 1 and the re-run. */
const rerunFields = { startsAfterMillis: millisOrNone }

/** Attempt 2, which a person starts. */
const Rerun = Schema.Union([
  Schema.Struct({ ...rerunFields, ...laterFields }),
  Schema.Struct({ ...rerunFields, ...neverFields })
]).annotate({ message: "Expected `ends: later` or `ends: never`" })
const rerun = Schema.optionalKey(Rerun)

const RunCourse = Schema.Union([
  Schema.Struct({ ...laterFields, rerun }),
  /** Its webhook is delivered and answered before the dispatch that started it is answered. */
  Schema.Struct({ ends: Schema.Literal("beforeAnswer"), conclusion: RunConclusion, rerun }),
  Schema.Struct(neverFields)
]).annotate({ message: "Expected `ends: later`, `ends: beforeAnswer` or `ends: never`" })
/** What becomes of one run. A run that never ends has no re-run. */
export type RunCourse = typeof RunCourse.Type
/** How one attempt of a run goes. */
export type AttemptCourse = Exclude<RunCourse, { readonly ends: "beforeAnswer" }> | NonNullable<typeof Rerun.Type>

/** For the first run of a workflow, the second, and so on; the last one counts for all that follow. */
const Courses = Schema.NonEmptyArray(RunCourse)

const WorkflowCourses = Schema.Struct({
  repository: Schema.String,
  /** File name, e.g. `cd.yml`. */
  workflow: Schema.String.check(
    Schema.isPattern(/^[^/]+\.ya?ml$/, { message: "Expected a workflow's file name, such as cd.yml" })
  ),
  courses: Courses
})

/**
 * `startedRuns` of a scenario:
 *
 * ```yaml
 * startedRuns:
 *   default:
 *     - { ends: later, afterMillis: 300, conclusion: success }
 *   workflows:
 *     - repository: acme/deploy
 *       workflow: cd.yml
 *       courses: # the first run fails and its re-run succeeds, the second never ends, all others complete at once
 *         - ends: later
 *           queuedMillis: 50
 *           afterMillis: 200
 *           conclusion: failure
 *           rerun: { ends: later, startsAfterMillis: 100, afterMillis: 200, conclusion: success }
 *         - { ends: never }
 *         - { ends: beforeAnswer, conclusion: success }
 * ```
 */
export const StartedRunsSeed = Schema.Struct({
  /** For every workflow that is not listed. Without it they go on as `runs` of the scenario says, and no webhook is sent. */
  default: Schema.optionalKey(Courses),
  workflows: Schema.withDecodingDefaultKey<Schema.$Array<typeof WorkflowCourses>>(Effect.succeed([]))(
    Schema.Array(WorkflowCourses)
  )
})
