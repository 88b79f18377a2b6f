/**
 * What GitHub does wrong, by a script of faults: what a request meets follows from the seed, and from its method, path and occurrence.
 * A change that GitHub makes late is made at most 2.2 s after the request came, and listed at most 0.4 s after it was made.
 */
import { Effect } from "effect"
import type { Fault, FaultTarget } from "../../src/sandbox/Fault.ts"
import { Script } from "../../src/testing/FaultScript.ts"
import { type Chance, oneOf } from "./Chance.ts"

type SandboxFault = Omit<Fault, "path" | "method">
type Weighted = ReadonlyArray<readonly [weight: number, fault: SandboxFault]>

/** By how much GitHub's lists lag behind at most, milliseconds. */
export const listRunsWithinMillis = 400

const html = { "content-type": "text/html" }
const page = (status: number): SandboxFault => ({ answer: { status, headers: html, body: "<html>Unicorn!</html>" } })
const after502: SandboxFault = { answerAfter: { status: 502, headers: html, body: "<html/>" } }
/** Something that stands before GitHub answers in its place. */
const proxy = (status: number, headers = {}): SandboxFault => ({
  answer: { status, headers: { ...html, ...headers }, body: "<html>Sign in to go on</html>", by: "elsewhere" }
})
const strangers: Weighted = [
  [0.002, proxy(200)],
  [0.002, proxy(302, { location: "https://proxy.invalid/sign-in" })],
  [0.002, proxy(403)],
  [0.002, proxy(404)],
  [0.001, proxy(407)]
]
/** What GitHub says in outages, of a key or a right that it takes again later. */
const disowned: Weighted = [
  [0.002, { answer: { status: 401, body: { message: "Bad credentials", documentation_url: "", status: "401" } } }],
  [0.001, { answer: { status: 403, body: { message: "Resource not accessible by integration" } } }]
]
const unfinished: SandboxFault = {
  answer: {
    status: 200,
    body: { data: null, errors: [{ message: "Something went wrong while executing your query" }] }
  }
}
const limited: Weighted = [
  [0.003, { secondaryLimit: { status: 429, retryAfterSeconds: 1 } }],
  [0.003, { secondaryLimit: { status: 403, retryAfterSeconds: 1 } }]
]

const onStarts: Weighted = [
  [0.015, { drop: "after" }],
  [0.01, { drop: "before" }],
  [0.005, { drop: "first", delayMillis: 200 }],
  [0.005, { drop: "first", delayMillis: 900 }],
  [0.006, page(502)],
  [0.004, page(500)],
  [0.01, after502],
  [0.006, { delayMillis: 700 }],
  [0.006, { delayMillis: 2200 }],
  [0.004, { delayMillis: 1500, drop: "after" }],
  [0.008, { answerDelayMillis: 2500 }],
  ...limited,
  ...strangers,
  ...disowned
]
const onLists: Weighted = [
  [0.05, page(502)],
  [0.03, { drop: "before" }],
  [0.03, { delayMillis: 1000 }],
  [0.02, { answerDelayMillis: 1000 }],
  ...limited,
  ...strangers,
  ...disowned
]
const onReads: Weighted = [
  [0.015, page(502)],
  [0.005, page(503)],
  [0.01, { drop: "before" }],
  [0.01, { delayMillis: 800 }],
  ...limited,
  ...strangers,
  ...disowned
]
const onQueries: Weighted = [[0.01, unfinished], ...onReads]
const onWrites: Weighted = [[0.01, page(502)], [0.01, after502], [0.01, { drop: "after" }], ...limited]

/** What requests meet, by method and path. */
const kinds: ReadonlyArray<readonly [operation: RegExp, weighted: Weighted]> = [
  [/^POST .*\/dispatches$/, onStarts],
  [/^GET .*\/runs$/, onLists],
  [/^POST .*\/(issues|comments|check-runs)$/, onWrites],
  [/^PATCH /, onWrites],
  [/^POST .*\/graphql$/, onQueries],
  [/^POST .*\/access_tokens$/, onReads],
  [/^GET (?!.*\/runs$)/, onReads]
]

/** The script of a seed, whose faults are the sandbox's. */
const scriptOf = Effect.fnUntraced(function* (chance: Chance) {
  const script = new Script<string, SandboxFault>()
  for (const [operations, weighted] of kinds) {
    yield* script.on(operations, (_, { operation, occurrence }) =>
      oneOf(weighted, chance("mishap", operation, occurrence))
    )
  }
  return script
})

/** What follows from a seed, as faults of the sandbox; `arrived` gets every request, before anything is done about it. */
export const gitHubFaults = Effect.fnUntraced(function* (chance: Chance, arrived: (request: FaultTarget) => void) {
  const script = yield* scriptOf(chance)
  const met = new WeakMap<FaultTarget, SandboxFault | "none">()
  const metBy = (request: FaultTarget): SandboxFault | "none" => {
    const known = met.get(request)
    if (known !== undefined) return known
    arrived(request)
    const [fault = "none"] = script.meet(`${request.method} ${request.path.replace(/\d{6,}/g, "ID")}`).faults
    met.set(request, fault)
    return fault
  }
  const all = new Set(kinds.flatMap(([, weighted]) => weighted.map(([, fault]) => fault)))
  return [...all].map(
    (fault): Fault => ({ ...fault, times: "always", path: (request: FaultTarget) => metBy(request) === fault })
  )
})
