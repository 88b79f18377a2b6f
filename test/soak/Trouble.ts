/**
 * What GitHub does wrong: which request of which kind meets what follows from the seed and from how many requests of its kind there were.
 * A change that GitHub makes late is made at most 2.2 s after the request came, and listed at most 0.4 s after it was made.
 */
import type { Fault, FaultTarget } from "../../src/sandbox/Fault.ts"
import { type Chance, oneOf } from "./Chance.ts"

type Mishap = Omit<Fault, "path" | "method">
type Weighted = ReadonlyArray<readonly [weight: number, mishap: Mishap]>

/** By how much GitHub's lists lag behind at most, milliseconds. */
export const listRunsWithinMillis = 400

const html = { "content-type": "text/html" }
const page = (status: number): Mishap => ({ answer: { status, headers: html, body: "<html>Unicorn!</html>" } })
const after502: Mishap = { answerAfter: { status: 502, headers: html, body: "<html/>" } }
/** Something that stands before GitHub answers in its place. */
const proxy = (status: number, headers = {}): Mishap => ({
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
const unfinished: Mishap = {
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

const kinds: ReadonlyArray<readonly [name: string, method: string, path: RegExp, mishaps: Weighted]> = [
  ["start", "POST", /\/dispatches$/, onStarts],
  ["list", "GET", /\/runs$/, onLists],
  ["write", "POST", /\/(issues|comments|check-runs)$/, onWrites],
  ["write", "PATCH", /./, onWrites],
  ["query", "POST", /\/graphql$/, onQueries],
  ["read", "POST", /\/access_tokens$/, onReads],
  ["read", "GET", /./, onReads]
]

/** Every mishap as a fault of the sandbox; `arrived` hears of every request, before anything is done about it. */
export const troubleOf = (chance: Chance, arrived: (request: FaultTarget) => void): ReadonlyArray<Fault> => {
  const counts = new Map<string, number>()
  const choose = ({ method, path }: FaultTarget): Mishap | undefined => {
    const kind = kinds.find(([, wanted, pattern]) => wanted === method && pattern.test(path))
    if (kind === undefined) return undefined
    const name = `${method} ${path.replace(/\d{6,}/g, "ID")}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return oneOf(kind[3], chance("mishap", name, count))
  }
  const chosen = new WeakMap<FaultTarget, Mishap | "none">()
  const chosenFor = (request: FaultTarget): Mishap | "none" => {
    const known = chosen.get(request)
    if (known !== undefined) return known
    arrived(request)
    const mishap = choose(request) ?? "none"
    chosen.set(request, mishap)
    return mishap
  }
  const mishaps = new Set(kinds.flatMap(([, , , weighted]) => weighted.map(([, mishap]) => mishap)))
  return [...mishaps].map((mishap) => ({
    ...mishap,
    times: "always" as const,
    path: (request: FaultTarget) => chosenFor(request) === mishap
  }))
}
