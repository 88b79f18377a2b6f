import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import { isoTime } from "../../src/domain/Bucket.ts"
import { DeliveryId, GitHubId } from "../../src/domain/SourceRun.ts"
import type { Reading } from "../../src/domain/WorkflowRunEvent.ts"
import { layerSettings } from "../../src/flow/Settings.ts"
import { sweep } from "../../src/flow/Sweep.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import { readObstacles } from "../../src/ledger/Obstacles.ts"
import * as Redeliveries from "../../src/ledger/Redeliveries.ts"
import type { DeliveryAttempt, LogPage } from "../../src/ports/Deliveries.ts"
import * as FactBus from "../../src/ports/FactBus.ts"
import { GitHubError, NotFound, Unavailable, Unprocessable } from "../../src/ports/GitHubError.ts"
import { Table } from "../../src/ports/Table.ts"
import { layerMemory } from "../../src/testing/fakes/Deliveries.ts"
import * as FakeFactBus from "../../src/testing/fakes/FactBus.ts"
import { layerMemory as layerTable } from "../../src/testing/fakes/Table.ts"
import { acceptance, sourceRun } from "../fixtures/Runs.ts"

const minute = 60_000
const hour = 60 * minute

/** GitHub's log, newest first, and what it was asked to redeliver. */
class GitHub {
  log: ReadonlyArray<DeliveryAttempt> = []
  asked: ReadonlyArray<number> = []
  refuses: GitHubError | undefined
  /** What GitHub sent in an attempt, as it was read. */
  content: (attemptId: string) => Effect.Effect<Reading, GitHubError> = (runId) =>
    Effect.succeed({ _tag: "Completed", run: sourceRun({ runId }) })

  add(number: number, guid: string, statusCode: number, at: number, about: Partial<DeliveryAttempt> = {}) {
    const deliveryId = DeliveryId.make(guid)
    const id = GitHubId.make(String(number))
    this.log = [{ id, deliveryId, statusCode, at, event: "workflow_run", action: "completed", ...about }, ...this.log]
  }

  /** Pages of the log, where it has several: by the cursor that asks for them. A page that is missing cannot be read. */
  pages: ReadonlyMap<string | undefined, LogPage> | undefined
  read: ReadonlyArray<string | undefined> = []

  readonly #paged = (since: number, from?: string): Stream.Stream<LogPage, GitHubError> =>
    Stream.paginate(from, (cursor: string | undefined) =>
      Effect.suspend(() => {
        this.read = [...this.read, cursor]
        const page =
          this.pages === undefined
            ? { attempts: this.log.filter(({ at }) => at >= since), unreadable: [], next: undefined }
            : this.pages.get(cursor)
        return page === undefined
          ? Effect.fail(this.fault)
          : Effect.succeed([[page], page.next === undefined ? Option.none() : Option.some(page.next)] as const)
      })
    )
  fault = new GitHubError({ operation: "Deliveries.attempts", reason: new Unavailable({ message: "HTTP 502" }) })

  layer = layerMemory(() => this.log, {
    pages: this.#paged,
    redeliver: (id) =>
      Effect.suspend(() => {
        this.asked = [...this.asked, Number(id)]
        return this.refuses === undefined ? Effect.void : Effect.fail(this.refuses)
      }),
    content: (id) => this.content(id)
  })
}

const stores = Layer.mergeAll(
  Ledger.layer,
  Redeliveries.layer,
  FakeFactBus.layerMemory,
  layerSettings({ appVersion: "1.2.3" })
).pipe(Layer.provideMerge(layerTable))

const scene = <A, E>(
  play: (github: GitHub) => Effect.Effect<A, E, Layer.Success<typeof stores> | Layer.Success<GitHub["layer"]>>
) => {
  const github = new GitHub()
  return Effect.andThen(TestClock.setTime(10 * 24 * hour), play(github)).pipe(
    Effect.provide(Layer.merge(stores, github.layer))
  )
}
const start = 10 * 24 * hour
const published = FakeFactBus.PublishedFacts.use(({ all }) => all)
/** What Receive leaves in the ledger, whether or not the work was stored. */
const accept = (guid: string, run = sourceRun()) =>
  Ledger.Ledger.use((ledger) => ledger.accept({ ...acceptance(run), deliveryId: DeliveryId.make(guid) }))
const plan = (run = sourceRun()) =>
  Ledger.Ledger.use((ledger) =>
    ledger.savePlan({ ...acceptance(run), config: { _tag: "Found" }, decisions: [], pending: [] }, [], undefined)
  )

describe("sweep", () => {
  it.effect("has each delivery redelivered that failed whenever it was tried, once", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.add(1, "lost", 0, start - 5 * minute)
        github.add(2, "second-time-lucky", 503, start - 4 * minute)
        github.add(3, "second-time-lucky", 202, start - 3 * minute)
        github.add(4, "lost", 503, start - 2 * minute)
        github.add(5, "fine", 202, start - 1 * minute)
        assert.deepStrictEqual(yield* sweep(), [DeliveryId.make("lost")])
        assert.deepStrictEqual(github.asked, [4])
        yield* TestClock.adjust("5 minutes")
        assert.deepStrictEqual(yield* sweep(), [])
      })
    )
  )

  it.effect("leaves alone what was planned, what starts nothing, and what is too old for GitHub", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.add(1, "old", 503, start - 73 * hour)
        github.add(2, "planned-but-the-answer-was-late", 504, start - hour)
        github.add(3, "a-ping", 503, start - hour, { event: "ping", action: null })
        github.add(4, "only-requested", 503, start - hour, { action: "requested" })
        yield* accept("planned-but-the-answer-was-late")
        yield* plan()
        assert.deepStrictEqual(yield* sweep(), [])
        assert.deepStrictEqual(github.asked, [])
      })
    )
  )

  it.effect("does not take a delivery that was remembered for one that was stored", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.add(1, "not-stored", 503, start)
        yield* accept("not-stored")
        assert.deepStrictEqual((yield* sweep()).map(String), ["not-stored"])
      })
    )
  )

  it.effect("forgets what was planned after all, though no attempt was answered in time", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.add(1, "late", 504, start)
        yield* sweep()
        yield* accept("late")
        yield* plan()
        yield* TestClock.adjust("5 hours")
        assert.deepStrictEqual(yield* sweep(), [])
        assert.deepStrictEqual(yield* Redeliveries.Redeliveries.use(({ missing }) => missing), [])
      })
    )
  )

  it.effect("asks three times in all, with growing waits, and stops when the delivery arrives", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.add(1, "refused", 401, start - 1)
        github.add(2, "arrives", 0, start)
        const times: Array<readonly [number, ReadonlyArray<string>]> = []
        for (let passed = 0; passed <= 10 * hour; passed += 5 * minute) {
          const asked = yield* sweep()
          if (asked.length > 0) times.push([passed / minute, asked.map(String)])
          if (passed === 0) github.add(3, "arrives", 202, start + minute)
          yield* TestClock.adjust("5 minutes")
        }
        assert.deepStrictEqual(times, [
          [0, ["refused", "arrives"]],
          [30, ["refused"]],
          [30 + 240, ["refused"]]
        ])
      })
    )
  )

  it.effect("has health name how many wait beyond those that it asks for, until none does", () =>
    scene((github) =>
      Effect.gen(function* () {
        for (let id = 1; id <= 120; id++) github.add(id, `lost-${id}`, 503, start - hour + id)
        const table = yield* Table
        const named = []
        for (let time = 0; time < 3; time++) {
          yield* sweep()
          named.push(...(yield* readObstacles(table)).map(({ kind, count, since }) => [kind, count, since]))
          yield* TestClock.adjust("5 minutes")
        }
        assert.deepStrictEqual(named, [
          ["redeliveries", 70, isoTime(start - hour + 51)],
          ["redeliveries", 20, isoTime(start - hour + 101)],
          // The one of the sweep before stands for another minute.
          ["redeliveries", 20, isoTime(start - hour + 101)]
        ])
        assert.deepStrictEqual(yield* readObstacles(table), [])
      })
    )
  )

  it.effect("has health name those, too, before which GitHub asked to wait", () =>
    scene((github) =>
      Effect.gen(function* () {
        for (let id = 1; id <= 7; id++) github.add(id, `lost-${id}`, 503, start - hour + id)
        const table = yield* Table
        github.refuses = new GitHubError({ operation: "x", reason: new Unavailable({ message: "HTTP 500" }) })
        yield* Effect.exit(sweep())
        // Three were asked for in vain, which counts as asked.
        assert.deepStrictEqual(
          (yield* readObstacles(table)).map(({ kind, count }) => [kind, count]),
          [["redeliveries", 4]]
        )
      })
    )
  )

  it.effect("redelivers the oldest first, 50 at a time, and forgets none", () =>
    scene((github) =>
      Effect.gen(function* () {
        for (let id = 1; id <= 120; id++) github.add(id, `lost-${id}`, 503, start - hour + id)
        const numbers = []
        for (let time = 0; time < 4; time++) {
          numbers.push((yield* sweep()).length)
          yield* TestClock.adjust("5 minutes")
        }
        assert.deepStrictEqual(numbers, [50, 50, 20, 0])
        assert.deepStrictEqual(
          github.asked,
          Array.from({ length: 120 }, (_, index) => index + 1)
        )
      })
    )
  )

  it.effect("goes on from where it was, so that a long log is read once", () =>
    scene((github) =>
      Effect.gen(function* () {
        yield* sweep()
        yield* TestClock.adjust("1 hour")
        github.add(1, "lost-long-before-the-last-sweep", 503, start - hour)
        github.add(2, "logged-late", 503, start - 5 * minute)
        github.add(3, "lost", 503, start + 30 * minute)
        assert.deepStrictEqual([...(yield* sweep())].map(String), ["logged-late", "lost"])
      })
    )
  )

  it.effect("one that GitHub refuses holds up no other; GitHub being out of reach ends the sweep", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.add(1, "a", 503, start - 2)
        for (const id of [2, 3, 4]) github.add(id, `b${id}`, 503, start - 1)
        github.refuses = new GitHubError({ operation: "x", reason: new Unprocessable({ message: "too old" }) })
        assert.deepStrictEqual(yield* sweep(), [])
        assert.deepStrictEqual(github.asked, [1, 2, 3, 4])
        yield* TestClock.adjust("30 minutes")
        github.refuses = new GitHubError({ operation: "x", reason: new Unavailable({ message: "down" }) })
        assert.strictEqual((yield* Effect.flip(sweep()))._tag, "GitHubError")
        assert.deepStrictEqual(github.asked, [1, 2, 3, 4, 1, 2, 3])
      })
    )
  )

  it.effect("two sweeps at once ask once", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.add(1, "lost", 503, start)
        const both = yield* Effect.all([sweep(), sweep()], { concurrency: 2 })
        assert.lengthOf(both.flat(), 1)
        assert.deepStrictEqual(github.asked, [1])
        assert.lengthOf(yield* published, 1)
      })
    )
  )

  it.effect("publishes a fact for each redelivery, about the run that the delivery was about", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.add(7, "lost", 503, start - 1)
        yield* sweep()
        yield* TestClock.adjust("30 minutes")
        yield* sweep()
        const facts = yield* published
        assert.deepStrictEqual(
          facts.map(({ type, id, time, appversion }) => [type, id, time, appversion]),
          [
            [
              "dispatch.delivery.redelivered",
              "dispatch.delivery.redelivered/1296269/7/1/lost/1",
              "1970-01-11T00:00:00.000Z",
              "1.2.3"
            ],
            [
              "dispatch.delivery.redelivered",
              "dispatch.delivery.redelivered/1296269/7/1/lost/2",
              "1970-01-11T00:30:00.000Z",
              "1.2.3"
            ]
          ]
        )
        assert.deepInclude<object>(facts[1]?.data ?? {}, {
          deliveryId: DeliveryId.make("lost"),
          sourceRepository: "acme/app",
          sourceWorkflow: "ci.yml",
          runId: "7",
          attempt: 1,
          acceptedAt: "1970-01-10T23:59:59.999Z",
          asked: 2
        })
      })
    )
  )

  it.effect("publishes nothing of what GitHub refused to send", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.add(1, "old", 503, start)
        github.refuses = new GitHubError({ operation: "x", reason: new Unprocessable({ message: "too old" }) })
        yield* sweep()
        assert.deepStrictEqual(yield* published, [])
      })
    )
  )

  it.effect.each<[string, GitHub["content"]]>([
    [
      "cannot be read",
      () => Effect.fail(new GitHubError({ operation: "x", reason: new Unavailable({ message: "down" }) }))
    ],
    ["is about no run", () => Effect.succeed({ _tag: "Malformed", message: "no installation" })]
  ])("redelivers what %s all the same, without a fact", ([, content]) =>
    scene((github) =>
      Effect.gen(function* () {
        github.content = content
        github.add(1, "a", 503, start - 1)
        github.add(2, "b", 503, start)
        yield* sweep()
        assert.deepStrictEqual(github.asked, [1, 2])
        assert.deepStrictEqual(yield* published, [])
      })
    )
  )

  it.effect("redelivers what no fact can be about", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.add(1, "a", 503, start - 1)
        github.add(2, "b", 503, start)
        yield* sweep()
        assert.deepStrictEqual(github.asked, [1, 2])
      }).pipe(
        Effect.provideService(FactBus.FactBus, {
          publish: () => Effect.fail(new FactBus.FactBusError({ message: "full" }))
        })
      )
    )
  )

  const attempt = (id: number, guid: string): DeliveryAttempt => ({
    id: GitHubId.make(String(id)),
    deliveryId: DeliveryId.make(guid),
    statusCode: 503,
    at: start - id * minute,
    event: "workflow_run",
    action: "completed"
  })
  const first = [undefined, { attempts: [attempt(1, "new")], unreadable: [], next: "c1" }] as const
  const second = ["c1", { attempts: [attempt(2, "old")], unreadable: [], next: undefined }] as const

  it.effect("uses what it has read when a later page fails, and goes on there the next time", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.pages = new Map([first])
        assert.deepStrictEqual((yield* sweep()).map(String), ["new"])
        assert.deepStrictEqual(github.read, [undefined, "c1"])
        github.read = []
        github.pages = new Map<string | undefined, LogPage>([
          [undefined, { attempts: [], unreadable: [], next: undefined }],
          second
        ])
        yield* TestClock.adjust("5 minutes")
        assert.deepStrictEqual((yield* sweep()).map(String), ["old"])
        assert.deepStrictEqual(github.read, [undefined, "c1"])
        github.read = []
        yield* TestClock.adjust("5 minutes")
        yield* sweep()
        assert.deepStrictEqual(github.read, [undefined], "nothing is left unread")
      })
    )
  )

  it.effect("reads a part anew whose cursor GitHub does not take any more", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.pages = new Map([first])
        yield* sweep()
        github.fault = new GitHubError({ operation: "Deliveries.attempts", reason: new NotFound({ message: "gone" }) })
        github.pages = new Map<string | undefined, LogPage>([
          [undefined, { attempts: [], unreadable: [], next: undefined }]
        ])
        yield* TestClock.adjust("5 minutes")
        yield* sweep()
        github.pages = new Map<string | undefined, LogPage>([first, second])
        yield* TestClock.adjust("5 minutes")
        assert.deepStrictEqual((yield* sweep()).map(String), ["old"])
      })
    )
  )

  it.effect("one delivery that GitHub fails at holds up no other", () =>
    scene((github) =>
      Effect.gen(function* () {
        github.add(1, "a", 503, start - 1)
        github.add(2, "b", 503, start)
        github.refuses = new GitHubError({ operation: "x", reason: new Unavailable({ message: "HTTP 500" }) })
        yield* sweep()
        assert.deepStrictEqual(github.asked, [1, 2])
      })
    )
  )

  it.effect(
    "has health name a wrong webhook secret, while the newest deliveries are refused for their signatures",
    () => {
      const gitHub = new GitHub()
      const signatures = Effect.flatMap(Table, readObstacles)
      return Effect.gen(function* () {
        yield* TestClock.setTime(100 * hour)
        for (const n of [1, 2, 3]) gitHub.add(n, `guid-${n}`, 401, 100 * hour - (5 - n) * minute)
        yield* sweep()
        const [found, ...others] = yield* signatures
        assert.deepStrictEqual(
          [found, others],
          [{ kind: "signatures", subject: "", since: isoTime(100 * hour - 4 * minute) }, []]
        )
        yield* TestClock.adjust("12 minutes")
        assert.deepStrictEqual(yield* signatures, [])
        for (const n of [4, 5, 6]) gitHub.add(n, `guid-${n}`, n === 6 ? 202 : 401, 100 * hour + 11 * minute)
        yield* sweep()
        assert.deepStrictEqual(yield* signatures, [])
      }).pipe(Effect.provide(Layer.merge(stores, gitHub.layer)))
    }
  )
})
