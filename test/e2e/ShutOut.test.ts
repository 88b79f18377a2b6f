/** An organisation shuts the App out: health names it, whatever was refused, until a read of its files works again. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { rollup } from "../../src/flow/Rollup.ts"
import { DashboardQueries } from "../../src/readmodel/DashboardQueries.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { shutOutMessage } from "../../src/sandbox/ShutOut.ts"
import { completeAndDeliver, idle, outcomesOf, startedIn, until } from "./Journeys.ts"
import { fleet, startPath } from "./Scenarios.ts"
import { Service, world } from "./World.ts"

const targets = ["acme/deploy", "partner/portal"]
const partner = 202

/** Health as it is judged now, rather than with the next minute. The service's own rollup may have the turn: then this one waits for it. */
const judged = Effect.andThen(
  until(rollup, (result) => result === "done"),
  DashboardQueries.use(({ health }) => health)
)

/** Health is not green, and names the organisation. */
const names = (owner: string) =>
  Effect.gen(function* () {
    const { status, reasons } = yield* judged
    assert.include(["amber", "red"], status)
    assert.include(reasons.map(({ message }) => message).join("\n"), `${owner} shuts the App out`)
  })
const namesPartner = names("partner")

const isOver = Effect.gen(function* () {
  const { payload } = yield* completeAndDeliver()
  yield* idle
  assert.deepStrictEqual(yield* startedIn(payload), targets)
  const { reasons } = yield* judged
  assert.notInclude(JSON.stringify(reasons), "shuts the App out")
})

describe.concurrent("an organisation that shuts the App out", () => {
  for (const by of ["ip_allow_list", "saml"] as const) {
    it.live(`by ${by} makes health amber with its name, until its files are read again`, () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        yield* sandbox.shutOut(partner, by)
        const { payload } = yield* completeAndDeliver()
        yield* idle
        assert.deepStrictEqual(yield* startedIn(payload), ["acme/deploy"])
        yield* namesPartner
        yield* sandbox.shutOut(partner, undefined)
        yield* isOver
      }).pipe(Effect.provide(world(fleet(targets))))
    )

    it.live(`by ${by}, met only when a workflow is started, makes health amber, too`, () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        const message = shutOutMessage({ account: "partner", shutOutBy: by }) ?? ""
        yield* sandbox.injectFault({
          method: "POST",
          path: startPath("partner/portal"),
          answer: { status: 403, body: { message } }
        })
        const { payload } = yield* completeAndDeliver()
        yield* idle
        assert.strictEqual((yield* outcomesOf(payload))["partner/portal"], "Failed")
        yield* namesPartner
        yield* isOver
      }).pipe(Effect.provide(world(fleet(targets))))
    )

    it.live(`by ${by}, met only when the report is written, makes health amber, too`, () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        const message = shutOutMessage({ account: "acme", shutOutBy: by }) ?? ""
        yield* sandbox.injectFault({
          method: "POST",
          path: "/repos/acme/shop/issues",
          answer: { status: 403, body: { message } }
        })
        const { payload } = yield* completeAndDeliver()
        yield* idle
        assert.deepStrictEqual(yield* startedIn(payload), targets, "the report costs no dispatch")
        assert.deepStrictEqual(yield* sandbox.issues("acme/shop"), [])
        yield* names("acme")
        yield* isOver
        assert.lengthOf(yield* sandbox.issues("acme/shop"), 1)
      }).pipe(Effect.provide(world(fleet(targets))))
    )
  }

  it.live("by suspending the installation makes health amber with its name, until its files are read again", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* sandbox.suspend(partner, true)
      const { payload } = yield* completeAndDeliver()
      yield* idle
      assert.deepStrictEqual(yield* startedIn(payload), ["acme/deploy"])
      yield* namesPartner
      yield* sandbox.suspend(partner, false)
      yield* isOver
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("by suspending the installation when only the report is left to write makes health amber, too", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* sandbox.injectFault({
        method: "POST",
        path: "/repos/acme/shop/issues",
        answer: { status: 403, body: { message: "This installation has been suspended" } }
      })
      yield* completeAndDeliver()
      yield* idle
      yield* names("acme")
      yield* isOver
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("shows in /metrics", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const { url } = yield* Service
      yield* sandbox.shutOut(partner, "saml")
      yield* completeAndDeliver()
      yield* idle
      const text = yield* Effect.promise(async () => (await fetch(`${url}/metrics`)).text())
      assert.match(text, /^dispatcher_\S*shut_?out\S* [1-9]/m)
    }).pipe(Effect.provide(world(fleet(targets))))
  )
})
