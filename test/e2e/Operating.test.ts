/**
 * What operators do with a running server, as `docs/operating.md` describes it: look at it, read its log, copy its data and start on the
 * copy.
 */
import { copyFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { read } from "../infrastructure/Files.ts"
import { codesIn, rowsOf, sectionOf } from "../project/Markdown.ts"
import { completeAndDeliver, startedIn, until } from "./Journeys.ts"
import { type Program, runService } from "./Processes.ts"
import { scenario, source, startPath, target } from "./Scenarios.ts"
import { freePort, github, scratchFolder } from "./World.ts"

const guide = read("docs/operating.md")
const token = "the operators' token"
const authorization = { authorization: `Bearer ${token}` }
const place = Effect.all({ port: freePort, dataDir: scratchFolder })
type Place = Effect.Success<typeof place>

/** One target that is started, one that refuses, one whose workflow is not there. */
const world = scenario([
  source("acme/shop", ["acme/deploy", "acme/payments", "acme/legacy"]),
  target("acme/deploy"),
  target("acme/payments", "inbound: []"),
  { name: "acme/legacy", files: { "dispatching.yml": target("acme/legacy").files?.["dispatching.yml"] ?? "" } }
])

const options = { entry: "src/entry/server.ts", LOG_LEVEL: "info", ADMIN_TOKEN: token }
const start = (where: Place) => runService(where, options)
const stop = ({ signal, ended }: Program) => Effect.andThen(signal("SIGTERM"), ended)
const get = ({ port }: Place, path: string) =>
  Effect.promise(async () => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: authorization })
    return { status: response.status, text: await response.text() }
  })

/** Waits until a delivery's journey is recorded to its end. */
const published = (where: Place, deliveryId: string) =>
  until(get(where, `/admin/api/deliveries/${deliveryId}/journey`), ({ text }) =>
    text.includes("dispatch.report.published")
  )

const copy = (from: string, to: string, names: ReadonlyArray<string>) =>
  Effect.sync(() => {
    for (const name of names) copyFileSync(join(from, name), join(to, name))
  })

describe("a server", () => {
  it.live("answers what operators ask, and its log has the fields that they look for", () =>
    Effect.gen(function* () {
      const where = yield* place
      const program = yield* start(where)
      const { delivery } = yield* completeAndDeliver()
      yield* published(where, delivery.guid)
      for (const path of ["/health", "/ready", "/admin/api/health"]) {
        assert.include(sectionOf(guide, "### Health"), path)
        assert.strictEqual((yield* get(where, path)).status, 200, path)
      }
      const { text: metrics } = yield* get(where, "/metrics")
      for (const sample of ['deliveries_total{result="accepted"}', 'orders_total{outcome="dispatched"}']) {
        assert.include(metrics, `dispatcher_${sample} 1`)
      }
      const lines = (yield* program.said).trim().split("\n")
      const fields = lines.map((line): Record<string, unknown> => JSON.parse(line).annotations)
      const documented = rowsOf(sectionOf(guide, "### Logs"))
        .flatMap(([cell = ""]) => codesIn(cell))
        .flatMap((name) => /^annotations\.(\w+)$/.exec(name)?.[1] ?? [])
      assert.isAbove(documented.length, 8)
      for (const name of documented) {
        assert.isTrue(
          fields.some((annotations) => name in annotations),
          name
        )
      }
      const ofJourney = fields.filter((annotations) => Object.keys(annotations).length > 0)
      for (const annotations of ofJourney) assert.strictEqual(annotations.deliveryId, delivery.guid)
      yield* stop(program)
    }).pipe(Effect.scoped, Effect.provide(github(world)))
  )
})

describe("a server with another secret than the App's", () => {
  it.live("warns once, counts, and health asks for it", () =>
    Effect.gen(function* () {
      const question = "is GITHUB_WEBHOOK_SECRET the App's?"
      const where = yield* place
      // Its sweep, which may come late on a busy machine, would have refused deliveries sent again.
      const misled = yield* runService(where, {
        ...options,
        GITHUB_WEBHOOK_SECRET: "the secret of another App",
        REDELIVERY_SWEEP: "false"
      })
      for (let n = 0; n < 7; n++) yield* completeAndDeliver()
      assert.lengthOf((yield* misled.said).split(question), 2)
      assert.include((yield* get(where, "/metrics")).text, "dispatcher_refused_signatures_total 7")
      yield* stop(misled)
      // Health is judged at the start, and then once a minute.
      const right = yield* start(where)
      const { text } = yield* until(get(where, "/admin/api/health"), ({ text }) => text.includes('"amber"'))
      assert.include(text, question)
      yield* stop(right)
    }).pipe(Effect.scoped, Effect.provide(github(world)))
  )
})

describe("the data of a server", () => {
  /** Starts on a copy: all that was known is known, and nothing is started again. */
  const goesOn = (where: Place, deliveryId: string) =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const before = (yield* sandbox.requests).filter(({ path }) => path === startPath("acme/deploy")).length
      const program = yield* start(where)
      yield* published(where, deliveryId)
      const [delivery] = yield* sandbox.deliveries
      if (delivery === undefined) return assert.fail("GitHub knows of no delivery")
      assert.include((yield* sandbox.redeliver(delivery)).responseBody, "accepted")
      yield* stop(program)
      const requests = (yield* sandbox.requests).filter(({ path }) => path === startPath("acme/deploy"))
      assert.strictEqual(requests.length, before)
    }).pipe(Effect.scoped)

  it.live("is copied when it was stopped, or by a snapshot, and never by tools while it runs", () =>
    Effect.gen(function* () {
      const where = yield* place
      const copies = { stopped: yield* place, snapshot: yield* place }
      const program = yield* start(where)
      const { delivery, payload } = yield* completeAndDeliver()
      yield* published(where, delivery.guid)

      const path = join(where.dataDir, "dispatcher.db")
      assert.throws(() => new DatabaseSync(path, { readOnly: true }).prepare("SELECT * FROM items").all(), /locked/)
      assert.deepStrictEqual(readdirSync(where.dataDir).sort(), ["dispatcher.db", "dispatcher.db-wal"])
      // Nothing is written while nothing happens but once a minute, so this is as good as at one moment.
      yield* copy(where.dataDir, copies.snapshot.dataDir, ["dispatcher.db-wal", "dispatcher.db"])

      yield* stop(program)
      assert.deepStrictEqual(readdirSync(where.dataDir), ["dispatcher.db"])
      yield* copy(where.dataDir, copies.stopped.dataDir, ["dispatcher.db"])

      for (const restored of Object.values(copies)) {
        const database = new DatabaseSync(join(restored.dataDir, "dispatcher.db"))
        assert.deepStrictEqual({ ...database.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" })
        database.close()
        yield* goesOn(restored, delivery.guid)
      }
      assert.deepStrictEqual(yield* startedIn(payload), ["acme/deploy"])
    }).pipe(Effect.provide(github(world)))
  )
})
