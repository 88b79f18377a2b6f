/** What a check run shows, and when it says that all is well. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { maxCheckBytes } from "../../src/domain/CheckMarkdown.ts"
import { checkExternalId, checkRunOf, isChecked } from "../../src/domain/CheckRun.ts"
import type { Outcome } from "../../src/domain/Outcome.ts"
import type { Plan } from "../../src/domain/Plan.ts"
import type { RunResult } from "../../src/domain/RunResult.ts"
import { GitHubId, runKey } from "../../src/domain/SourceRun.ts"
import type { OrderSoFar } from "../../src/domain/TargetStanding.ts"
import { absent } from "../fixtures/Configs.ts"
import { planFor, planWithout } from "../fixtures/Plans.ts"
import type { RunOverrides } from "../fixtures/Runs.ts"

const open = {
  inbound: [{ source: { repository: "acme/app", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml" }] }]
}
interface Wanted {
  readonly repository: string
  readonly optional?: boolean
}
/** `acme/app` starts `cd.yml` in these repositories; the closed ones do not let it in. */
const planOf = (wanted: ReadonlyArray<Wanted>, closed: ReadonlyArray<string> = []): Plan =>
  planFor({
    source: {
      outbound: [{ source: { workflow: "ci.yml" }, targets: wanted.map((one) => ({ workflow: "cd.yml", ...one })) }]
    },
    targets: Object.fromEntries(
      wanted.map(({ repository }) => [
        repository.includes("/") ? repository : `acme/${repository}`,
        closed.includes(repository) ? absent : open
      ])
    ),
    policy: { maxTargets: 96, maxOtherOwners: 96 }
  })

const url = "https://github.com/acme/deploy/actions/runs/7"
const started: Outcome = { _tag: "Dispatched", started: { id: GitHubId.make("7"), url } }
const completed = (conclusion: string | null): RunResult => ({
  _tag: "Completed",
  conclusion,
  attempt: 1,
  completedAt: "2026-11-01T00:00:00Z",
  duration: 1
})
const outcomes = {
  waiting: [undefined, undefined],
  running: [started, undefined],
  success: [started, completed("success")],
  skipped: [started, completed("skipped")],
  failure: [started, completed("failure")],
  cancelled: [started, completed("cancelled")],
  lost: [started, { _tag: "Lost", message: "deleted" }],
  untraceable: [{ _tag: "Dispatched", started: null }, undefined],
  notStarted: [{ _tag: "Failed", code: "not_found", message: "Not Found" }, undefined],
  withdrawn: [{ _tag: "Withdrawn", code: "inbound_not_allowed", message: "no more" }, undefined],
  unknown: [{ _tag: "Unknown", message: "it cannot be known" }, undefined]
} satisfies Record<string, readonly [Outcome | undefined, RunResult | undefined]>
type State = keyof typeof outcomes
const states = Object.keys(outcomes) as ReadonlyArray<State>

/** The allowed targets of a plan in these states, in order. */
const soFar = (plan: Plan, ...all: ReadonlyArray<State>): ReadonlyArray<OrderSoFar> =>
  plan.decisions
    .filter((decision) => decision._tag === "Allowed")
    .map(({ orderId: id }, index) => {
      const [outcome, result] = outcomes[all[index] ?? "waiting"]
      return { order: { id }, outcome, result: result === undefined ? undefined : { result } }
    })

const checkOf = (plan: Plan, orders: ReadonlyArray<OrderSoFar> = [], publicUrl?: string) => {
  const check = checkRunOf(plan, orders, publicUrl)
  return check === undefined ? assert.fail("there is no check run") : check
}
const conclusionOf = (wanted: ReadonlyArray<Wanted>, closed: ReadonlyArray<string>, ...all: ReadonlyArray<State>) => {
  const plan = planOf(wanted, closed)
  return checkOf(plan, soFar(plan, ...all)).conclusion
}

const one = { repository: "one" }
const two = { repository: "two" }
const optional = { repository: "two", optional: true }

describe("a check run", () => {
  it.each<[State, string | null]>([
    ["waiting", null],
    ["running", null],
    ["success", "success"],
    ["skipped", "success"],
    ["failure", "failure"],
    ["cancelled", "failure"],
    ["lost", "failure"],
    ["untraceable", "neutral"],
    ["notStarted", "failure"],
    ["withdrawn", "neutral"],
    ["unknown", "failure"]
  ])("of a target that is %s ends as %s", (state, conclusion) => {
    assert.strictEqual(conclusionOf([one], [], state), conclusion)
  })

  it("is open while one target is, and fails with one", () => {
    assert.isNull(conclusionOf([one, two], [], "failure", "running"))
    assert.strictEqual(conclusionOf([one, two], [], "success", "failure"), "failure")
  })

  it("is neutral where nothing was allowed, or not all that counts", () => {
    assert.strictEqual(conclusionOf([one], ["one"]), "neutral")
    assert.strictEqual(conclusionOf([one, two], ["two"], "success"), "neutral")
    assert.strictEqual(conclusionOf([one, two], ["two"], "failure"), "failure")
    assert.strictEqual(conclusionOf([one, optional], ["two"], "success"), "success")
  })

  it("waits for an optional target, and is not failed by it", () => {
    assert.isNull(conclusionOf([one, optional], [], "success", "running"))
    assert.strictEqual(conclusionOf([one, optional], [], "success", "failure"), "success")
    assert.strictEqual(conclusionOf([one, optional], [], "failure", "success"), "failure")
  })

  it("is open while a target cannot be reached", () => {
    const plan = planOf([one])
    const [decision] = plan.decisions
    if (decision === undefined) return assert.fail("no decision")
    const { target, outbound, checks } = decision
    assert.isNull(checkOf({ ...plan, decisions: [], pending: [{ target, outbound, checks, inputs: {} }] }).conclusion)
  })

  it("takes two rules for one workflow for one target", () => {
    assert.strictEqual(conclusionOf([one, one], [], "success"), "success")
  })

  it("shows targets, reasons, results and links, and leads to the journey", () => {
    const plan = planOf([one, optional, { repository: "shut" }], ["shut"])
    const check = checkOf(plan, soFar(plan, "failure", "success"), "https://dispatcher.example.com/")
    assert.strictEqual(check.name, "dispatcher / ci.yml")
    assert.strictEqual(check.title, "1 failed, 1 refused, 1 succeeded")
    assert.include(check.summary, "1 target is optional")
    assert.include(check.text, `❌ [failure](${url})`)
    assert.include(check.text, `(optional) | ✅ [success](${url})`)
    assert.match(check.text, /acme\/shut cd.yml.*🚫 target&#95;config&#95;absent: /)
    assert.strictEqual(check.detailsUrl, `https://dispatcher.example.com/admin?journey=${plan.deliveryId}`)
    assert.isFalse("detailsUrl" in checkOf(plan))
  })

  it("does not show a stranger what other owners' repositories there are", () => {
    const plan = planOf([{ repository: "secret/one" }], ["secret/one"])
    const { text } = checkOf(plan)
    assert.include(text, "inbound&#95;not&#95;allowed")
    assert.notInclude(text, "target&#95;config&#95;absent")
  })

  it("shows texts from outside as they are", () => {
    const plan = planOf([one])
    const [order] = soFar(plan, "notStarted")
    const evil: Outcome = { _tag: "Failed", code: "not_found", message: "@octocat | [x](https://evil.test) <b>#1" }
    const { text } = checkOf(plan, order === undefined ? [] : [{ ...order, outcome: evil }])
    for (const raw of ["@octocat", "[x]", "https://evil", "<b>"]) assert.notInclude(text, raw)
    assert.lengthOf(text.split("\n"), 3)
  })
})

describe("a run without targets", () => {
  const skippedBy = (run: RunOverrides, check?: "always") =>
    planFor({
      run,
      source: {
        outbound: [
          {
            source: { workflow: "ci.yml" },
            targets: [{ repository: "one", workflow: "cd.yml" }],
            ...(check === undefined ? {} : { check })
          }
        ]
      }
    })
  const run = { branch: "feature" }

  it("has no check run", () => {
    for (const plan of [skippedBy(run), planWithout({ _tag: "Absent" }), planWithout({ _tag: "Found" })]) {
      assert.isUndefined(checkRunOf(plan, [], undefined))
      assert.isFalse(isChecked(plan))
    }
  })

  it("but a skipped one with its reasons where a rule says check: always", () => {
    const plan = skippedBy(run, "always")
    assert.isTrue(isChecked(plan))
    const check = checkOf(plan)
    assert.strictEqual(check.conclusion, "skipped")
    assert.include(check.text, "The run was for feature; the rule wants main")
  })
})

describe("whatever becomes of targets, a check run", () => {
  const anyTarget = Schema.Struct({
    state: Schema.Literals(states),
    optional: Schema.Boolean,
    closed: Schema.Boolean
  })
  const targets = Schema.Array(anyTarget).check(Schema.isMinLength(1), Schema.isMaxLength(8))

  it.prop(
    "is never a success while something is open, failed or was refused that counts",
    { targets },
    ({ targets: all }) => {
      const named = all.map((each, index) => ({ ...each, repository: `r${index}` }))
      const closed = named.filter((each) => each.closed).map(({ repository }) => repository)
      const opened = named.filter((each) => !each.closed)
      const plan = planOf(
        named.map(({ repository, optional: isOptional }) => ({ repository, optional: isOptional })),
        closed
      )
      const { conclusion } = checkOf(plan, soFar(plan, ...opened.map(({ state }) => state)))
      const isOpen = opened.some(({ state }) => state === "waiting" || state === "running")
      assert.strictEqual(conclusion === null, isOpen)
      const required = opened.filter((each) => !each.optional)
      const good: ReadonlyArray<State> = ["success", "skipped"]
      const isWell = required.every(({ state }) => good.includes(state))
      const isRefused = named.some((each) => each.closed && !each.optional)
      if (conclusion === "success") assert.isTrue(isWell && !isRefused)
      const bad: ReadonlyArray<State> = ["failure", "cancelled", "lost", "notStarted", "unknown"]
      if (!isOpen)
        assert.strictEqual(
          conclusion === "failure",
          required.some(({ state }) => bad.includes(state))
        )
    }
  )

  it.prop(
    "fits into what GitHub takes",
    {
      count: Schema.Literals([1, 90, 96]),
      length: Schema.Literals([0, 300, 5000]),
      character: Schema.Literals(["a", "_", "ü", "漢", "\u{1F600}"])
    },
    ({ count, length, character }) => {
      const plan = planOf(Array.from({ length: count }, (_, index) => ({ repository: `${"n".repeat(90)}${index}` })))
      const message = character.repeat(length)
      const orders = soFar(plan, ...Array.from({ length: count }, (): State => "notStarted"))
      const { text } = checkOf(
        plan,
        orders.map((order, index) => ({
          ...order,
          outcome: index === count - 1 ? started : { _tag: "Failed", code: "not_found", message }
        }))
      )
      assert.isAtMost(Buffer.byteLength(text), maxCheckBytes)
      const more = Number(/and (\d+) more targets/.exec(text)?.[1] ?? 0)
      const rows = text.split("\n").length - 2 - (more > 0 ? 1 : 0)
      assert.strictEqual(rows + more, count)
    },
    { arbitrary: { runs: 15 } }
  )
})

it("a run's check runs have external ids of their own", () => {
  const { run } = planOf([one])
  assert.deepStrictEqual(
    [checkExternalId(runKey(run), 1), checkExternalId(runKey(run), 2)],
    [runKey(run), `${runKey(run)}#2`]
  )
})
