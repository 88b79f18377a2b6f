/** The sweep after a long outage: how many deliveries it recovers in how many sweeps, at how many requests, and that it reads a log of any length. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Layer, Option, References, Stream } from "effect"
import { TestClock } from "effect/testing"
import { DeliveryId, GitHubId } from "../../src/domain/SourceRun.ts"
import { mostPages } from "../../src/flow/MissingDeliveries.ts"
import { mostAtOnce, Pace, usually } from "../../src/flow/RequestRedelivery.ts"
import { layerSettings } from "../../src/flow/Settings.ts"
import { sweep } from "../../src/flow/Sweep.ts"
import * as Ledger from "../../src/ledger/Ledger.ts"
import * as Redeliveries from "../../src/ledger/Redeliveries.ts"
import type { DeliveryAttempt, LogPage } from "../../src/ports/Deliveries.ts"
import { layerMemory } from "../../src/testing/fakes/Deliveries.ts"
import * as FakeFactBus from "../../src/testing/fakes/FactBus.ts"
import { layerMemory as layerTable } from "../../src/testing/fakes/Table.ts"
import { acceptance, sourceRun } from "../fixtures/Runs.ts"

const start = 10 * 24 * 3_600_000
const perPage = 100

/** GitHub's log in pages of 100; what is redelivered arrives at once where the service answers. */
class GitHub {
  /** Oldest first. */
  readonly log: Array<DeliveryAttempt> = []
  requests = { pages: 0, redeliveries: 0, contents: 0 }
  arrived = new Set<string>()
  answers = true

  add(guid: string, statusCode: number, at: number) {
    const id = GitHubId.make(String(this.log.length + 1))
    const about = { event: "workflow_run", action: "completed" }
    this.log.push({ id, deliveryId: DeliveryId.make(guid), statusCode, at, ...about })
  }

  readonly #page = (cursor: string | undefined, since: number): LogPage => {
    this.requests.pages++
    const end = cursor === undefined ? this.log.length : Number(cursor)
    const begin = Math.max(0, end - perPage)
    const attempts = this.log.slice(begin, end).toReversed()
    const recent = attempts.filter(({ at }) => at >= since)
    const next = recent.length === attempts.length && begin > 0 ? String(begin) : undefined
    return { attempts: recent, unreadable: [], next }
  }

  readonly #redeliver = (attemptId: GitHubId) =>
    Effect.gen({ self: this }, function* () {
      this.requests.redeliveries++
      const { deliveryId } = this.log[Number(attemptId) - 1] ?? assert.fail("no such attempt")
      this.add(deliveryId, this.answers ? 202 : 503, yield* Clock.currentTimeMillis)
      if (this.answers) this.arrived.add(deliveryId)
    })

  layer = layerMemory(() => [], {
    pages: (since, from) =>
      Stream.paginate(from, (cursor: string | undefined) =>
        Effect.sync(() => {
          const page = this.#page(cursor, since)
          return [[page], page.next === undefined ? Option.none() : Option.some(page.next)] as const
        })
      ),
    redeliver: this.#redeliver,
    content: (runId) =>
      Effect.sync(() => {
        this.requests.contents++
        return { _tag: "Completed", run: sourceRun({ runId }) }
      })
  })
}

const stores = Layer.mergeAll(
  Ledger.layer,
  Redeliveries.layer,
  FakeFactBus.layerMemory,
  layerSettings({ appVersion: "1.2.3" })
).pipe(Layer.provideMerge(layerTable), Layer.provideMerge(Layer.succeed(References.MinimumLogLevel, "None")))

/** What Plan knows of what arrived. */
const acceptArrived = Effect.fnUntraced(function* (github: GitHub, accepted: Set<string>) {
  const ledger = yield* Ledger.Ledger
  for (const guid of github.arrived) {
    if (accepted.has(guid)) continue
    accepted.add(guid)
    const run = sourceRun({ runId: guid.replace(/\D/g, "") })
    yield* ledger.accept({ ...acceptance(run), deliveryId: DeliveryId.make(guid) })
  }
})

/** A sweep every 5 minutes, until all has arrived that is lost; gives how many were asked for in each. */
const sweepsUntilAllArrived = Effect.fnUntraced(function* (github: GitHub, lost: number) {
  const accepted = new Set<string>()
  const asked: Array<number> = []
  while (github.arrived.size < lost && asked.length < 100) {
    asked.push((yield* sweep()).length)
    yield* TestClock.adjust("5 minutes")
    yield* acceptArrived(github, accepted)
  }
  return asked
})
const scene = <A, E, R>(play: (github: GitHub) => Effect.Effect<A, E, R>) => {
  const github = new GitHub()
  return Effect.andThen(
    TestClock.setTime(start),
    Effect.suspend(() => play(github))
  ).pipe(Effect.provideService(Pace, Duration.zero), Effect.provide(Layer.merge(stores, github.layer)))
}

describe("the sweep after an outage", () => {
  it.effect("recovers 5,000 deliveries in 20 sweeps, less than two hours, within GitHub's requests", () =>
    scene((github) =>
      Effect.gen(function* () {
        const lost = 5000
        for (let n = 1; n <= lost; n++) github.add(`lost-${n}`, 503, start - 5 * 3_600_000 + n * 3000)
        github.add("the-first-that-is-answered", 202, start)
        const asked = yield* sweepsUntilAllArrived(github, lost)
        assert.deepStrictEqual(asked, Array(20).fill(mostAtOnce))
        const { pages, redeliveries, contents } = github.requests
        assert.strictEqual(redeliveries, lost)
        // The facts of all but the last sweep's are known by what arrived.
        assert.strictEqual(contents, 0)
        assert.isAtMost(pages + redeliveries + contents, (5000 * asked.length) / 12)
      })
    )
  )

  it.effect("asks for no more than usual until something is answered", () =>
    scene((github) =>
      Effect.gen(function* () {
        for (let n = 1; n <= 400; n++) github.add(`lost-${n}`, 503, start - 3_600_000 + n)
        github.answers = false
        assert.lengthOf(yield* sweep(), usually)
        github.answers = true
        yield* TestClock.adjust("5 minutes")
        assert.lengthOf(yield* sweep(), usually)
        yield* TestClock.adjust("5 minutes")
        assert.lengthOf(yield* sweep(), mostAtOnce)
      })
    )
  )

  it.effect("asks for two a second", () =>
    scene((github) =>
      Effect.gen(function* () {
        for (let n = 1; n <= 400; n++) github.add(`lost-${n}`, 503, start - 3_600_000 + n)
        github.add("answered", 202, start)
        yield* Effect.forkChild(Effect.provideService(sweep(), Pace, Duration.millis(500)))
        const counts: Array<number> = []
        for (let second = 0; second < 130; second++) {
          yield* TestClock.adjust("1 second")
          counts.push(github.requests.redeliveries)
        }
        assert.isTrue(counts.every((count, index) => count - (counts[index - 1] ?? count) <= 3))
        assert.strictEqual(counts.at(-1), mostAtOnce)
      })
    )
  )

  it.effect("reads a log of 250 pages in three sweeps, each going on where the one before ended", () =>
    scene((github) =>
      Effect.gen(function* () {
        for (let n = 1; n <= 250 * perPage; n++) {
          github.add(`d-${n}`, n === 1 ? 503 : 202, start - 24 * 3_600_000 + n * 3000)
        }
        const reads: Array<readonly [number, number]> = []
        for (let time = 0; time < 4; time++) {
          const before = github.requests.pages
          const asked = yield* sweep()
          reads.push([github.requests.pages - before, asked.length])
          yield* TestClock.adjust("5 minutes")
        }
        const [first, second, third, fourth] = reads
        assert.deepStrictEqual(
          [first, second],
          [
            [mostPages, 0],
            [mostPages, 0]
          ]
        )
        assert.strictEqual(third?.[1], 1, "the oldest of all was found")
        assert.isBelow(third?.[0] ?? mostPages, mostPages)
        assert.isAtMost(fourth?.[0] ?? mostPages, 3)
      })
    )
  )
})
