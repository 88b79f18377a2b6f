/** What the source commit shows: one check run for each run, from the plan to the end of what it started, over HTTP. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { completeAndDeliver, idle, startedFor, until } from "./Journeys.ts"
import { fleet, shop } from "./Scenarios.ts"
import { world } from "./World.ts"

const targets = ["acme/deploy", "acme/docs"]
const checks = Sandbox.use(({ checkRuns }) => checkRuns(shop.repository))
const onlyCheck = Effect.gen(function* () {
  const [check, ...others] = yield* checks
  assert.deepStrictEqual(others, [], "one check run")
  return check ?? assert.fail("there is no check run")
})
const ruleFor = (rest: object) =>
  JSON.stringify({
    outbound: [
      {
        source: { workflow: "ci.yml" },
        targets: targets.map((repository) => ({
          repository,
          workflow: "cd.yml",
          inputs: { run: "{{ source.run_id }}/{{ source.run_attempt }}" }
        })),
        ...rest
      }
    ]
  })

describe("the check run of a run", () => {
  it.live(
    "is in progress while what it started runs, follows the results, and is one even where an answer is lost",
    () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        yield* sandbox.injectFault({ method: "POST", path: "/repos/acme/shop/check-runs", drop: "after" })
        const { payload, delivery } = yield* completeAndDeliver()
        yield* idle
        const open = yield* onlyCheck
        assert.deepStrictEqual([open.name, open.status], ["dispatcher / ci.yml", "in_progress"])
        assert.strictEqual(open.headSha, payload.workflow_run.head_sha)
        assert.strictEqual(open.detailsUrl, `https://dispatcher.test/admin?journey=${delivery.guid}`)
        const started = yield* startedFor(payload)
        for (const { id, htmlUrl } of started) {
          assert.include(open.output.text ?? "", htmlUrl)
          yield* sandbox.completeStarted(id, { conclusion: id === started[0]?.id ? "failure" : "success" })
        }
        yield* idle
        const failed = yield* onlyCheck
        assert.deepStrictEqual([failed.status, failed.conclusion], ["completed", "failure"])
        assert.strictEqual(failed.output.title, "1 failed, 1 succeeded")
      }).pipe(Effect.provide(world(fleet(targets, { runs: null }), { PUBLIC_URL: "https://dispatcher.test" })))
  )

  it.live("is skipped where no rule is about the run and one says check: always", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      yield* completeAndDeliver({ branch: "feature" })
      yield* idle
      assert.deepStrictEqual(yield* checks, [])
      yield* sandbox.putFile(shop.repository, "dispatching.yml", ruleFor({ check: "always" }))
      yield* completeAndDeliver({ branch: "feature" })
      yield* until(checks, (all) => all.length > 0)
      yield* idle
      assert.strictEqual((yield* onlyCheck).conclusion, "skipped")
    }).pipe(Effect.provide(world(fleet(targets))))
  )

  it.live("is none without the permission, which keeps nothing from being started and reported", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox
      const { payload } = yield* completeAndDeliver()
      yield* until(startedFor(payload), (all) => all.length === 2)
      yield* until(sandbox.issues(shop.repository), (all) => all.length === 1)
      yield* idle
      assert.deepStrictEqual(yield* checks, [])
    }).pipe(
      Effect.provide(
        world(
          fleet(targets, {
            faults: [
              {
                method: "POST",
                path: "/repos/acme/shop/check-runs",
                answer: { status: 403, body: { message: "Repository was archived so is read-only." } },
                times: "always"
              }
            ]
          })
        )
      )
    )
  )
})
