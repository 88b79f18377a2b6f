/** `dispatcher chain`: the tree, what `--watch` waits for, and how it ends. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, References } from "effect"
import { TestClock, TestConsole } from "effect/testing"
import type { ChainEdge, ChainNode, ChainView } from "../../../src/domain/Chain.ts"
import { OrderId } from "../../../src/domain/Order.ts"
import { GitHubId, RunKey } from "../../../src/domain/SourceRun.ts"
import { chainText } from "../../../src/entry/cli/ChainText.ts"
import { failuresIn, isGoing } from "../../../src/entry/cli/ChainVerdict.ts"
import { changePrinter, followed, followedOnScreen } from "../../../src/entry/cli/ChainWatch.ts"
import type { CommandFailed } from "../../../src/entry/cli/Failures.ts"
import { ServiceAway } from "../../../src/entry/cli/Service.ts"
import { allPages, soughtRun } from "../../../src/entry/cli/SoughtRun.ts"
import { ProgressScreen } from "../../../src/entry/cli/Terminal.ts"
import { deliveryId, repository, target, workflow } from "../../fixtures/Runs.ts"

const at = "1970-01-01T00:00:00.000Z"
const none = { failed: 0, open: 0, running: 0, refused: 0, unseen: 0, succeeded: 0 }
const link = (name: string) => `https://github.com/acme/${name}/actions/runs/9`
const success = { _tag: "Completed", conclusion: "success", attempt: 1, completedAt: at, duration: 62_400 } as const

/** The edge of run `from` to a repository. */
const edge = (from: string, name: string, about: Partial<ChainEdge> = {}): ChainEdge => ({
  orderId: OrderId.make(`${from}/acme/${name}/cd.yml`),
  target: target({ repository: `acme/${name}` }),
  state: "succeeded",
  status: "dispatched",
  since: at,
  reason: null,
  message: null,
  started: { id: GitHubId.make("9"), url: link(name) },
  result: success,
  ...about
})
const running: Partial<ChainEdge> = { state: "running", result: null }
const failure: Partial<ChainEdge> = { state: "failed", result: { ...success, conclusion: "failure" } }
const refused: Partial<ChainEdge> = {
  ...{ state: "refused", status: "denied", reason: "inbound_branch", message: "not\u001b[2J from main" },
  ...{ started: null, result: null }
} as const

const countsOf = (edges: ReadonlyArray<ChainEdge>): ChainNode["states"] => ({
  ...none,
  ...Object.fromEntries([...Map.groupBy(edges, ({ state }) => state)].map(([state, { length }]) => [state, length]))
})

const node = (
  run: string,
  name: string,
  edges: ReadonlyArray<ChainEdge>,
  about: Partial<ChainNode> = {}
): ChainNode => ({
  run: RunKey.make(run),
  root: RunKey.make("1/1/1"),
  depth: 0,
  parent: null,
  cause: null,
  deliveryId,
  acceptedAt: at,
  repository: repository(`acme/${name}`),
  workflow: workflow("ci.yml"),
  branch: "main",
  runId: GitHubId.make("1"),
  attempt: 1,
  url: link(name),
  conclusion: "success",
  status: "done",
  message: null,
  states: countsOf(edges),
  edges,
  moreEdges: 0,
  ...about
})
const startedBy = (parent: string) => ({ depth: 1, parent: OrderId.make(parent), cause: RunKey.make("1/1/1") })
const view = (...nodes: ReadonlyArray<ChainNode>): ChainView => ({ nodes, cursor: null })
const lib = (edges: ReadonlyArray<ChainEdge>, about: Partial<ChainNode> = {}) =>
  node("2/2/1", "lib", edges, { ...startedBy("1/1/1/acme/lib/cd.yml"), ...about })

const hour = 3_600_000

describe("the tree", () => {
  it("has each run at the edge that started it, with its state, time and link", () => {
    const text = chainText(
      view(
        node("1/1/1", "app", [edge("1/1/1", "docs", refused), edge("1/1/1", "lib")], { moreEdges: 2 }),
        lib([edge("2/2/1", "deploy", failure), edge("2/2/1", "site", running)])
      )
    )
    assert.deepStrictEqual(text.split("\n"), [
      `✔ acme/app ci.yml@main success (at ${at}) ${link("app")}`,
      `├─ – acme/docs cd.yml@main denied: inbound_branch: not [2J from main (since ${at})`,
      `├─ ✔ acme/lib cd.yml@main success (1 min 2 s) ${link("lib")}`,
      `│  ├─ ✘ acme/deploy cd.yml@main failure (1 min 2 s) ${link("deploy")}`,
      `│  └─ ● acme/site cd.yml@main running (since ${at}) ${link("site")}`,
      "└─ … 2 targets more"
    ])
  })

  it("names re-runs, files that are wrong, and runs whose cause is not listed", () => {
    const again = { ...success, attempt: 2 }
    const text = chainText({
      ...view(
        node("1/1/1", "app", [edge("1/1/1", "lib", { result: again })], { conclusion: "failure" }),
        lib([], { status: "invalid", message: "dispatching.yml:3: expected a list" }),
        lib([], { run: RunKey.make("2/2/2"), attempt: 2, status: "waiting" }),
        node("5/5/1", "far", [], { ...startedBy("4/4/1/acme/far/cd.yml"), depth: 3 })
      ),
      cursor: "0001/7.abc"
    })
    assert.deepStrictEqual(text.split("\n"), [
      `✘ acme/app ci.yml@main failure (at ${at}) ${link("app")}`,
      `└─ ✔ acme/lib cd.yml@main success of attempt 2 (1 min 2 s) ${link("lib")}`,
      `   ├─ ✔ acme/lib ci.yml@main success (at ${at}) ${link("lib")}`,
      "   │  └─ ✘ invalid: dispatching.yml:3: expected a list",
      `   └─ ✔ acme/lib ci.yml@main success of attempt 2 (at ${at}) ${link("lib")}`,
      "      └─ ○ waits for its plan",
      `✔ acme/far ci.yml@main success (at ${at}) ${link("far")}`,
      "… more runs than these 4"
    ])
  })
})

describe("a chain of many runs", () => {
  const numbered = (page: number) => node(`1/${page}/1`, `app-${page}`, [])
  /** Pages of one run each; the cursor of a page is the number of the next. */
  const paged = (count: number) => (cursor: string | undefined) =>
    Effect.sync((): ChainView | undefined => {
      const page = Number(cursor ?? 1)
      return { nodes: [numbered(page)], cursor: page < count ? String(page + 1) : null }
    })

  it.effect("is read from all its pages, and from 20 at most", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* allPages(() => Effect.undefined))
      assert.deepStrictEqual(yield* allPages(paged(3)), view(numbered(1), numbered(2), numbered(3)))
      const cut = yield* allPages(paged(100))
      assert.deepStrictEqual([cut?.nodes.length, cut?.cursor], [20, "21"])
    })
  )
})

describe("the end of a chain", () => {
  const root = (...edges: ReadonlyArray<ChainEdge>) => node("1/1/1", "app", edges)
  it.each([
    ["a started run", view(root(edge("1/1/1", "lib", running)))],
    ["an order", view(root(edge("1/1/1", "lib", { ...running, state: "open", status: "queued", started: null })))],
    ["a run that is planned again", view({ ...root(edge("1/1/1", "lib", refused)), status: "waiting" })],
    ["a started run that is not planned yet", view(root(edge("1/1/1", "lib")))],
    [
      "a re-run that is not planned yet",
      view(root(edge("1/1/1", "lib", { result: { ...success, attempt: 2 } })), lib([]))
    ]
  ])("is not reached before %s", (_, chain) => assert.isTrue(isGoing(chain, 60_000)))

  it("is reached once each started run is planned, or none may come any more", () => {
    assert.isFalse(isGoing(view(root(edge("1/1/1", "lib")), lib([])), 60_000))
    assert.isFalse(isGoing(view(root(edge("1/1/1", "lib"))), hour))
    assert.isFalse(isGoing(view(root(edge("1/1/1", "lib", refused))), 0))
  })

  it.each([
    ["all is well", view(root(edge("1/1/1", "lib"))), 0, 0],
    ["a started run failed", view(root(edge("1/1/1", "lib", failure))), 1, 1],
    ["the first run failed", view({ ...root(), conclusion: "failure" }), 1, 1],
    [
      "a started run failed and succeeded when it was run again",
      view(root(edge("1/1/1", "lib")), lib([], { conclusion: "failure" })),
      0,
      0
    ],
    ["a file is invalid", view(root(edge("1/1/1", "lib")), lib([], { status: "invalid" })), 1, 1],
    ["a target was denied", view(root(edge("1/1/1", "lib", refused))), 0, 1],
    ["a run was lost", view(root(edge("1/1/1", "lib", { state: "unseen" }))), 0, 1]
  ] as const)("where %s", (_, chain, failures, strictly) => {
    assert.deepStrictEqual([failuresIn(chain, false), failuresIn(chain, true)], [failures, strictly])
  })
})

describe("chain --watch", () => {
  const first = view(node("1/1/1", "app", [edge("1/1/1", "lib", running)]))
  const between = view(node("1/1/1", "app", [edge("1/1/1", "lib")]))
  const deploy = node("3/3/1", "deploy", [], { ...startedBy("2/2/1/acme/deploy/cd.yml"), depth: 2, status: "ignored" })
  const last = view(node("1/1/1", "app", [edge("1/1/1", "lib")]), lib([edge("2/2/1", "deploy", failure)]), deploy)
  const away = new ServiceAway({ message: "it does not answer" })

  /** What is printed and how it has ended after a while, where each look's answer is the next of the list, and the last for ever. */
  const watched = (answers: ReadonlyArray<ChainView | ServiceAway | CommandFailed | undefined>, minutes = 1) =>
    Effect.gen(function* () {
      let looks = 0
      const look = Effect.suspend(() => {
        const answer = answers[Math.min(looks++, answers.length - 1)]
        return answer === undefined || "nodes" in answer ? Effect.succeed(answer) : Effect.fail(answer)
      })
      const fiber = yield* Effect.forkChild(followed(look, changePrinter()))
      yield* TestClock.adjust(`${minutes} minutes`)
      const ended = fiber.pollUnsafe()
      yield* Fiber.interrupt(fiber)
      return { ended, looks, text: (yield* TestConsole.logLines).join("\n") }
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"), Effect.provide(TestConsole.layer))

  it.effect("prints the tree, then each line that has changed, until nothing runs", () =>
    Effect.gen(function* () {
      const { ended, looks, text } = yield* watched([first, first, between, last])
      assert.deepStrictEqual(text.split("\n"), [
        ...chainText(first).split("\n"),
        `✔ acme/lib cd.yml@main success (1 min 2 s) ${link("lib")}`,
        `✘ acme/deploy cd.yml@main failure (1 min 2 s) ${link("deploy")}`
      ])
      assert.strictEqual(looks, 4)
      assert.strictEqual(ended?._tag === "Success" ? ended.value : undefined, last)
    })
  )

  it.effect("waits for a run that nothing is known of yet, and for a service that is away", () =>
    Effect.gen(function* () {
      const { ended } = yield* watched([undefined, away, undefined, last])
      assert.strictEqual(ended?._tag, "Success")
    })
  )

  it.effect("does not wait for a service that has never answered", () =>
    Effect.gen(function* () {
      const { ended, looks } = yield* watched([away])
      assert.deepStrictEqual([ended?._tag, looks], ["Failure", 1])
    })
  )

  it.effect("draws on the terminal's second screen, and leaves the end on the first", () =>
    Effect.gen(function* () {
      const drawn: Array<string> = []
      const looks = [first, last]
      const look = Effect.sync(() => looks.shift())
      const screen = Effect.provideService(followedOnScreen(look, false), ProgressScreen, (text) => drawn.push(text))
      const fiber = yield* Effect.forkChild(screen)
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(fiber.pollUnsafe()?._tag, "Success")
      assert.isTrue(drawn[0]?.startsWith("\u001b[?1049h"))
      assert.include(drawn[1], `\u001b[H\u001b[2J${chainText(first)}`)
      assert.strictEqual(drawn.at(-1), "\u001b[?1049l")
      assert.deepStrictEqual(yield* TestConsole.logLines, [chainText(last)])
    }).pipe(Effect.provide(TestConsole.layer))
  )

  it.effect("gives up on a run that nothing becomes known of", () =>
    Effect.gen(function* () {
      assert.isUndefined((yield* watched([undefined])).ended)
      const { ended, looks } = yield* watched([undefined], 3)
      assert.strictEqual(ended?._tag, "Failure")
      assert.strictEqual(looks, 25)
    })
  )
})

describe("a run", () => {
  it.each([
    ["7", { by: "id", id: "7" }],
    ["https://github.com/acme/app/actions/runs/7", { by: "id", id: "7", repository: "acme/app" }],
    ["https://ghe.test/acme/app/actions/runs/7/attempts/2", { by: "id", id: "7", repository: "acme/app", attempt: 2 }],
    ["1/2/3", { by: "key", key: { repositoryId: "1", runId: "2", attempt: 3 } }],
    [deliveryId, { by: "delivery", id: deliveryId }],
    ["acme/app", undefined],
    ["https://github.com/acme/app", undefined],
    ["1/2/0", undefined]
  ])("is named by %s", (text, expected) => assert.deepStrictEqual(soughtRun(text), expected as never))
})
