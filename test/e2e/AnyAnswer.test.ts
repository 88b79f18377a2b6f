/**
 * A property over real HTTP: whatever is answered at whatever request of a run, by GitHub or by what stands before it, every target is
 * started exactly once when answers are good again, or GitHub refused it in its own words.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { Fault, FaultAnswer } from "../../src/sandbox/Fault.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { completeAndDeliver, idle, outcomesOf, startedIds, startedIn } from "./Journeys.ts"
import { fleet, startPath } from "./Scenarios.ts"
import { world } from "./World.ts"

const targets = ["acme/deploy", "acme/docs", "partner/portal"]

const Headers = Schema.Struct({
  "content-type": Schema.optionalKey(Schema.Literals(["text/html", "application/json", "application/octet-stream"])),
  "retry-after": Schema.optionalKey(Schema.Literals(["1", "soon", "Sat, 01 Jan 2000 00:00:00 GMT"])),
  "x-ratelimit-remaining": Schema.optionalKey(Schema.Literals(["1", "7"])),
  location: Schema.optionalKey(Schema.Literals(["https://sso.example/", "/login", "::"]))
})
const Answer = Schema.Struct({
  status: Schema.Literals([
    200, 201, 202, 204, 301, 302, 304, 307, 400, 401, 403, 404, 407, 409, 410, 422, 429, 451, 500, 502, 503
  ]),
  headers: Headers,
  body: Schema.Literals([
    "",
    "null",
    "[]",
    "{}",
    "<html>Sign in</html>",
    '{"message":"Not Found"}',
    '{"data":null}',
    '{"token":7}',
    "{"
  ]),
  by: Schema.Literals(["github", "elsewhere"])
})
/** Where GitHub is asked what it started, once the answer to a start was lost. */
const search = "/repos/acme/deploy/actions/workflows/*/runs"
const Case = Schema.Struct({
  at: Schema.Literals([
    "/app",
    "/app/installations/**",
    "/graphql",
    startPath("acme/deploy"),
    search,
    "/repos/*/*/issues"
  ]),
  /** Whether the first answer to a start is lost besides. */
  lost: Schema.Boolean,
  answer: Answer,
  times: Schema.Literals([1, 2, 3])
})

/** Answers that are GitHub's own, well-formed refusal: then a target may have failed, by that. */
const isRefusal = ({ status, body, by, headers }: typeof Answer.Type): boolean =>
  by === "github" &&
  [400, 403, 404, 409, 410, 422, 451].includes(status) &&
  headers["content-type"] !== "text/html" &&
  body.includes("message")

/** A limit that does not say for how long is one for a minute, which no test waits for. */
const bearable = (answer: typeof Answer.Type): FaultAnswer =>
  answer.status === 429 ? { ...answer, headers: { ...answer.headers, "retry-after": "1" } } : answer

/** Runs wait much, so several sets of them go on at once. */
describe.concurrent.each(["any answer", "one more", "yet another", "the last"])("whatever is answered: %s", (seed) => {
  it.live.prop(
    "every target is started once, or GitHub refused it",
    [Case],
    ([{ at, lost, answer, times }]) =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        const fault: Fault = { path: at, answer: bearable(answer), times }
        if (lost || at === search) {
          yield* sandbox.injectFault({ method: "POST", path: startPath("acme/deploy"), drop: "after" })
        }
        yield* sandbox.injectFault(fault)
        const { payload } = yield* completeAndDeliver()
        yield* idle
        const started = yield* startedIn(payload)
        assert.deepStrictEqual(started, [...new Set(started)], "nothing twice")
        const outcomes = yield* outcomesOf(payload)
        for (const target of targets.filter((each) => !started.includes(each))) {
          assert.isTrue(isRefusal(answer), `${target} was not started, and GitHub did not refuse it`)
          assert.strictEqual(outcomes[target] ?? "Failed", "Failed")
        }
        const ids = yield* startedIds(payload)
        for (const target of started) {
          // Where GitHub refuses to be asked, it stays open what it started, and it is not started again.
          const refused = (lost || at === search) && isRefusal(answer) && outcomes[target] === "Unknown"
          if (!refused) assert.strictEqual(outcomes[target], ids[target])
        }
      }).pipe(Effect.provide(world(fleet(targets)))),
    { timeout: 600_000, arbitrary: { runs: 5, seed } }
  )
})
