/**
 * Carries out what a scenario has in store for the runs that the App starts (RunCourse.ts): a fiber for each run, in the sandbox's scope,
 * that sleeps until the run changes, and sends the webhook when it is completed.
 */
import { Clock, Effect, type Scope } from "effect"
import { isCalled } from "./Repositories.ts"
import type { AttemptCourse, RunConclusion, RunCourse } from "./RunCourse.ts"
import { startAttempt } from "./Runs.ts"
import type { Delivery, Run, SandboxState } from "./State.ts"
import { deliver } from "./Webhooks.ts"
import { fileName } from "./WorkflowFile.ts"
import { finishRun, type WorkflowRunCompleted } from "./WorkflowRunEvent.ts"

/** What the scenario has in store for the next run of this one's workflow; undefined: nothing. Each call takes one of the list. */
const takeCourse = (state: SandboxState, run: Run): RunCourse | undefined => {
  const { workflows, default: otherwise } = state.settings.startedRuns
  const listed = workflows.find(
    ({ repository, workflow }) => isCalled(state, run.repository, repository) && workflow === fileName(run.workflowPath)
  )
  const courses = listed?.courses ?? otherwise
  const counts = run.repository.startedCounts
  const taken = counts.get(run.workflowPath) ?? 0
  counts.set(run.workflowPath, taken + 1)
  return courses?.[taken] ?? courses?.at(-1)
}

/** Sends the webhook of a completed run; undefined where the App has no webhook URL. */
export const deliverCompletion = (
  state: SandboxState,
  payload: WorkflowRunCompleted
): Effect.Effect<Delivery | undefined> =>
  deliver(state, payload).pipe(Effect.catchTag("NoWebhookUrl", () => Effect.succeed(undefined)))

/** Completes a run now and sends its webhook, whose answer the run does not wait for. */
const complete = (state: SandboxState, run: Run, conclusion: RunConclusion, scope: Scope.Scope) =>
  Effect.gen(function* () {
    const payload = finishRun(state, run, conclusion, yield* Clock.currentTimeMillis)
    yield* Effect.forkIn(deliverCompletion(state, payload), scope)
  }).pipe(Effect.uninterruptible)

const followAttempt = Effect.fnUntraced(function* (
  state: SandboxState,
  run: Run,
  course: AttemptCourse,
  scope: Scope.Scope
) {
  yield* Effect.sleep(course.queuedMillis)
  run.startsAt = yield* Clock.currentTimeMillis
  if (course.ends === "never") return
  yield* Effect.sleep(course.afterMillis)
  yield* complete(state, run, course.conclusion, scope)
})

const followRerun = Effect.fnUntraced(function* (
  state: SandboxState,
  run: Run,
  course: Extract<RunCourse, { readonly rerun?: unknown }>["rerun"],
  scope: Scope.Scope
) {
  if (course === undefined) return
  yield* Effect.sleep(course.startsAfterMillis)
  startAttempt(run, run.attempt + 1, yield* Clock.currentTimeMillis)
  yield* followAttempt(state, run, course, scope)
})

/**
 * Has a run that was started just now go the way that the scenario has in store for it, in fibers of the scope. Returns at once, unless
 * the run is to end before the dispatch is answered: then when its webhook is answered.
 */
export const followRun = Effect.fnUntraced(function* (state: SandboxState, run: Run, scope: Scope.Scope) {
  const course = takeCourse(state, run)
  if (course === undefined) return
  startAttempt(run, 1, run.createdAt)
  if (course.ends === "beforeAnswer") {
    yield* deliverCompletion(state, finishRun(state, run, course.conclusion, yield* Clock.currentTimeMillis))
  }
  const first = course.ends === "beforeAnswer" ? Effect.void : followAttempt(state, run, course, scope)
  const second = course.ends === "never" ? Effect.void : followRerun(state, run, course.rerun, scope)
  run.course = yield* Effect.forkIn(Effect.andThen(first, second), scope, { startImmediately: true })
})
