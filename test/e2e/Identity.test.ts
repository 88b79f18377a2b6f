/** What identifies things at GitHub: ids beyond 2^53 keep every digit, the delivery log is read page by page, and installations may be replaced. */
import { assert, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { GitHubId, runKey } from "../../src/domain/SourceRun.ts"
import { sweep } from "../../src/flow/Sweep.ts"
import { Ledger } from "../../src/ledger/Ledger.ts"
import { Deliveries } from "../../src/ports/Deliveries.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { complete, idle, startedIn, until } from "./Journeys.ts"
import { fleet } from "./Scenarios.ts"
import { world } from "./World.ts"

const long = "3804004623172239366"

it.live("a run id beyond 2^53 keeps its digits, in the ledger and in the inputs of what is started", () =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const payload = yield* complete()
    const { id } = payload.workflow_run
    const text = JSON.stringify(payload).replaceAll(`"id":${id},`, `"id":${long},`)
    const { statusCode } = yield* sandbox.deliver(text)
    assert.strictEqual(statusCode, 202)
    yield* idle
    const [started] = yield* sandbox.startedRuns()
    assert.strictEqual(started?.inputs.run, `${long}/1`)
    const repositoryId = GitHubId.make(String(payload.repository.id))
    const plan = yield* Ledger.use((ledger) =>
      ledger.plan(runKey({ repositoryId, runId: GitHubId.make(long), attempt: 1 }))
    )
    assert.strictEqual(Option.getOrUndefined(plan)?.value.run.runId, long)
  }).pipe(Effect.provide(world(fleet(["acme/deploy"]))))
)

it.live("the sweep redelivers deliveries with ids beyond 2^53", () =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const payload = yield* complete()
    const lost = yield* sandbox.deliver(payload, { url: "http://127.0.0.1:9/away" })
    assert.isAbove(lost.id.length, 16)
    const asked = yield* sweep()
    assert.deepStrictEqual<ReadonlyArray<string>>(asked, [lost.guid])
    yield* until(startedIn(payload), (started) => started.length === 1)
    const { content } = yield* Deliveries
    assert.strictEqual((yield* content(GitHubId.make(lost.id)))._tag, "Completed")
  }).pipe(Effect.provide(world(fleet(["acme/deploy"]))))
)

it.live("the sweep uses the pages that it could read, and goes on with the others when they can be read again", () =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox
    const lose = (payload: unknown) => sandbox.deliver(payload, { url: "http://127.0.0.1:9/away" })
    const oldest = yield* complete()
    yield* lose(oldest)
    yield* Effect.replicateEffect(lose({ action: "requested" }), 110, { concurrency: 20 })
    const newest = yield* complete()
    yield* lose(newest)
    const healed = yield* sandbox.injectFault({
      path: ({ path, query }) => path === "/app/hook/deliveries" && query.has("cursor"),
      times: 4,
      answer: { status: 502, body: "<html>Bad Gateway</html>" }
    })
    assert.lengthOf(yield* sweep(), 1)
    yield* until(startedIn(newest), (started) => started.length === 1)
    assert.deepStrictEqual(yield* startedIn(oldest), [])
    assert.lengthOf(yield* sweep(), 1, String(healed))
    yield* until(startedIn(oldest), (started) => started.length === 1)
  }).pipe(Effect.provide(world(fleet(["acme/deploy"]))))
)

it.live(
  "a delivery of an installation that was replaced is planned, started and reported by the account's new one",
  () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const payload = yield* complete()
      yield* sandbox.deliver({ ...payload, installation: { ...payload.installation, id: 999_999 } })
      yield* idle
      assert.deepStrictEqual(yield* startedIn(payload), ["acme/deploy"])
      assert.lengthOf(yield* sandbox.issues("acme/shop"), 1)
    }).pipe(Effect.provide(world(fleet(["acme/deploy"]))))
)
