/**
 * The promise, as a property: whatever goes wrong with GitHub, with processes and with the order of things, every allowed target is
 * started once, or not at all where GitHub refuses it; every order ends, and every run is reported once and has one
 * check run.
 *
 * A case is a few source runs whose targets overlap, copies of their deliveries, how long each call of a port takes, which of them kill
 * the process, and what GitHub's answers meet. Everything follows from the case, so a failing one can be replayed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Random, Schema } from "effect"
import { checkRunOf } from "../../src/domain/CheckRun.ts"
import type { Order } from "../../src/domain/Order.ts"
import { runKey, type SourceRun } from "../../src/domain/SourceRun.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import { NotFound, RateLimited, Unavailable } from "../../src/ports/GitHubError.ts"
import {
  delays,
  diesAfter,
  diesBefore,
  lostAfterActing,
  lostBeforeActing,
  none,
  type Occurrences,
  refused,
  type ScriptedFault
} from "../../src/testing/FaultScript.ts"
import { WrittenChecks } from "../../src/testing/fakes/Checks.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { WrittenIssues } from "../../src/testing/fakes/Reports.ts"
import { type StartedWorkflow, StartedWorkflows } from "../../src/testing/fakes/Workflows.ts"
import { propertyRuns } from "../fixtures/PropertyRuns.ts"
import { sourceRun } from "../fixtures/Runs.ts"
import { standingsOf } from "../fixtures/Standings.ts"
import { deliver, facts, layer, progressOf, set, untilQuiet, workers } from "./Harness.ts"

const answers = {
  fine: none,
  lostAfter: lostAfterActing,
  lostBefore: lostBeforeActing,
  limited: refused(new RateLimited({ retryAfter: 45_000 })),
  down: refused(new Unavailable({ message: "HTTP 503" })),
  missing: refused(new NotFound({ message: "Not Found" })),
  slow: delays("30 seconds", "3 seconds"),
  tooSlow: delays("2 seconds", "90 seconds")
} satisfies Record<string, ScriptedFault>
type Answer = keyof typeof answers
const AnswerTo = Schema.Literals(Object.keys(answers) as ReadonlyArray<Answer>)

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
const few = <S extends Schema.Constraint>(item: S, most: number) => Schema.Array(item).check(Schema.isMaxLength(most))

const Case = Schema.Struct({
  seed: upTo(1_000_000),
  /** For each source run the targets it names, as bits. */
  runs: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 7 }))).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(3)
  ),
  copies: upTo(2),
  starts: few(AnswerTo, 10),
  lists: few(Schema.Literals(["fine", "down", "limited", "slow"]), 4),
  writings: few(Schema.Literals(["fine", "down", "limited", "lostAfter", "lostBefore"]), 4),
  /** Milliseconds that calls take, in turn. */
  pauses: few(upTo(1500), 5),
  /** Which calls kill the process, before or after they are made. */
  deaths: few(Schema.Struct({ call: upTo(120), acted: Schema.Boolean }), 5),
  listedAfter: upTo(9000)
})
type Case = typeof Case.Type

const targets = ["one", "two", "three"]
const bit = (bits: number, index: number) => Math.floor(bits / 2 ** index) % 2 === 1

const sources = ({ runs }: Case) =>
  runs.map((bits, index) => ({
    run: sourceRun({ repository: `acme/app${index}`, repositoryId: index + 1, runId: 100 + index }),
    config: {
      outbound: [
        {
          source: { workflow: "ci.yml" },
          targets: targets
            .filter((_, target) => bit(bits, target))
            .map((repository) => ({ repository, workflow: "cd.yml", inputs: { from: "{{ source.repository }}" } }))
        }
      ]
    }
  }))
const open = {
  inbound: [
    { source: { repository: "*", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml", accept_inputs: ["from"] }] }
  ]
}

/** What follows from the number of a call among all, but for those of the plan queue. */
const numbered =
  (faultOf: (index: number) => ScriptedFault | undefined): Occurrences =>
  (n, { operation }) =>
    operation.startsWith("PlanQueue") ? undefined : faultOf(n - 1)
const dying = ({ deaths }: Case) =>
  numbered((index) => {
    const death = deaths.find(({ call }) => call === index)
    return death && (death.acted ? diesAfter : diesBefore)
  })
const pausing = ({ pauses }: Case) => numbered((index) => delays(pauses[index % Math.max(1, pauses.length)] ?? 0))

const live = Effect.fnUntraced(
  function* (given: Case) {
    const faults = yield* Faults
    for (const name of targets) yield* set(`acme/${name}`, open)
    for (const { run, config } of sources(given)) yield* set(run.repository, config)
    yield* faults.next("Workflows.start", ...given.starts.map((answer) => answers[answer]))
    yield* faults.next("Workflows.findStarted", ...given.lists.map((answer) => answers[answer]))
    yield* StartedWorkflows.use(({ listAfter }) => listAfter(given.listedAfter))
    yield* faults.next("Reports.create", ...given.writings.map((answer) => answers[answer]))
    yield* faults.next("Checks.create", ...given.writings.map((answer) => answers[answer]))
    yield* faults.next("Reports.comment", ...given.writings.map((answer) => answers[answer]))
    yield* faults.on(/./, dying(given))
    yield* faults.on(/./, pausing(given))
    for (const { run } of sources(given)) {
      for (let copy = 0; copy <= given.copies; copy++) yield* deliver(run)
    }
    yield* workers
    yield* untilQuiet
    yield* faults.clear
  },
  (effect, { seed }) => Random.withSeed(effect, seed)
)

const checkOrder = Effect.fnUntraced(function* (order: Order, started: ReadonlyArray<StartedWorkflow>) {
  const ledger = yield* Ledger.Ledger
  const standing = (yield* standingsOf(ledger, runKey(order.run))).find((other) => other.order.id === order.id)
  const own = started.filter((other) => other.order.id === order.id).map(({ run }) => run)
  const outcome = standing?.outcome
  switch (outcome?._tag) {
    case "Dispatched":
      assert.lengthOf(own, 1, `${order.id} was started once`)
      return assert.deepStrictEqual(outcome.started ?? undefined, own[0], `${order.id} is bound to its own run`)
    case "Failed":
      return assert.deepStrictEqual(own, [], `${order.id} failed, so nothing was started`)
    default:
      return assert.fail(`${order.id} ended as ${outcome?._tag ?? "nothing"}`)
  }
})

const checkRun = Effect.fnUntraced(function* (run: SourceRun, bits: number) {
  const expected = targets.filter((_, target) => bit(bits, target)).length
  assert.deepStrictEqual(yield* progressOf(run), { expected, settled: expected, complete: true, reported: true })
  const published = (yield* facts()).filter(({ data }) => data.runId === run.runId).map(({ type }) => type)
  assert.lengthOf(
    published.filter((type) => type.startsWith("dispatch.trigger.")),
    expected,
    "one fact for each order"
  )
  assert.lengthOf(
    published.filter((type) => type === "dispatch.report.published"),
    1,
    "one report"
  )
})

const checkIssues = Effect.fnUntraced(function* ({ runs }: Case) {
  const issues = yield* WrittenIssues.use(({ all }) => all)
  const repositories = issues.map(({ repository }) => repository)
  assert.deepStrictEqual(
    repositories.toSorted(),
    runs.map((_, index) => `acme/app${index}`),
    "one issue for each source"
  )
  for (const { comments, body } of issues) {
    assert.isAtMost(comments.length, 1, "one comment for the run")
    assert.lengthOf(body.match(/actions\/runs\/30433642/g) ?? [], 1, "one row for the run")
  }
})

/** One check run, which shows what the ledger has. */
const checkChecks = Effect.fnUntraced(function* (run: SourceRun) {
  const ledger = yield* Ledger.Ledger
  const all = yield* WrittenChecks.use(({ all }) => all)
  const [check, ...others] = all.filter(({ of }) => of.repository === run.repository)
  assert.deepStrictEqual(others, [], "one check run for each source run")
  const plan = Option.getOrThrow(yield* ledger.plan(runKey(run))).value
  const { title, text, conclusion } = checkRunOf(plan, yield* standingsOf(ledger, runKey(run)), undefined) ?? {}
  assert.deepStrictEqual([check?.title, check?.text, check?.conclusion], [title, text, conclusion])
})

describe("exactly once", () => {
  it.effect.prop(
    "whatever happens",
    [Case],
    ([given]) =>
      Effect.gen(function* () {
        yield* live(given)
        const started = yield* StartedWorkflows.use(({ all }) => all)
        const ledger = yield* Ledger.Ledger
        for (const [index, { run }] of sources(given).entries()) {
          yield* checkRun(run, given.runs[index] ?? 0)
          yield* checkChecks(run)
          for (const { order } of yield* standingsOf(ledger, runKey(run))) yield* checkOrder(order, started)
        }
        yield* checkIssues(given)
      }).pipe(Effect.scoped, Effect.provide(layer())),
    { arbitrary: { runs: propertyRuns(60), seed: "exactly once" } }
  )
})
