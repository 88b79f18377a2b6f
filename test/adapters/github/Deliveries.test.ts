/** GitHub's delivery log through the adapter, over real HTTP to the sandbox. */

import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted, Schedule, Stream } from "effect"
import * as App from "../../../src/adapters/github/App.ts"
import * as GitHubDeliveries from "../../../src/adapters/github/Deliveries.ts"
import { compareIds, GitHubId } from "../../../src/domain/SourceRun.ts"
import { Deliveries } from "../../../src/ports/Deliveries.ts"
import * as SandboxModule from "../../../src/sandbox/Sandbox.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { workflowRunPayload } from "../../fixtures/Payloads.ts"

const scenario = {
  app: { id: 4711, slug: "dispatcher-app", webhookSecret: "hush", webhookUrl: "http://127.0.0.1:9/away" },
  installations: [],
  repositories: []
}

const adapter = Layer.unwrap(
  Effect.map(Sandbox, ({ app, url }) =>
    GitHubDeliveries.layer.pipe(
      Layer.provide(App.layer({ id: app.id, privateKey: Redacted.make(app.privateKeyPem), apiUrl: url }))
    )
  )
).pipe(Layer.provideMerge(SandboxModule.layer({ scenario })))

layer(adapter, { excludeTestServices: true })("GitHub's delivery log", (it) => {
  it.effect("is read newest first, over all its pages, and no further than wanted", () =>
    Effect.gen(function* () {
      const { deliver, requests } = yield* Sandbox
      const { pages } = yield* Deliveries
      const attempts = (since: number) => Stream.flatMap(pages(since), (page) => Stream.fromIterable(page.attempts))
      for (let count = 0; count < 105; count++) yield* deliver({ action: "completed", count })
      const all = yield* Stream.runCollect(attempts(0))
      assert.lengthOf(all, 105)
      assert.deepStrictEqual(
        all.map(({ id }) => id),
        all.map(({ id }) => id).toSorted((a, b) => compareIds(b, a))
      )
      assert.deepInclude(all[0], { event: "workflow_run", action: "completed", statusCode: 0 })
      const before = (yield* requests).length
      assert.deepStrictEqual(yield* Stream.runCollect(attempts(Date.now() + 60_000)), [])
      assert.strictEqual((yield* requests).length, before + 1)
    })
  )

  it.effect("has an attempt made again, with the same GUID", () =>
    Effect.gen(function* () {
      const { deliver, deliveries } = yield* Sandbox
      const { redeliver } = yield* Deliveries
      const { id, guid } = yield* deliver({ action: "completed" })
      yield* redeliver(GitHubId.make(id))
      const again = Effect.map(deliveries, (all) => all.filter((item) => item.guid === guid))
      yield* Effect.repeat(again, {
        until: (found) => found.length === 2,
        schedule: Schedule.spaced("10 millis").pipe(Schedule.upTo({ times: 500 }))
      })
      assert.isTrue((yield* again)[1]?.redelivery)
    })
  )

  it.effect("gives what was sent in an attempt", () =>
    Effect.gen(function* () {
      const { deliver } = yield* Sandbox
      const { content } = yield* Deliveries
      const payload = workflowRunPayload({ workflow_run: { id: 4242, run_attempt: 3 } })
      const reading = yield* content(GitHubId.make((yield* deliver(payload)).id))
      assert.strictEqual(reading._tag, "Completed")
      if (reading._tag === "Completed") assert.deepInclude(reading.run, { runId: GitHubId.make("4242"), attempt: 3 })
      const other = yield* content(GitHubId.make((yield* deliver({ action: "completed" })).id))
      assert.strictEqual(other._tag, "Malformed")
      assert.strictEqual((yield* content(GitHubId.make((yield* deliver("no JSON")).id)))._tag, "Malformed")
    })
  )

  it.effect("an attempt that GitHub does not know is an error", () =>
    Effect.gen(function* () {
      const { redeliver, content } = yield* Deliveries
      for (const ask of [redeliver, content]) {
        const error = yield* Effect.flip(ask(GitHubId.make("99999999")))
        assert.strictEqual(error.reason._tag, "NotFound")
      }
    })
  )
})
