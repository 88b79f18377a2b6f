/**
 * What the tests of the answer tables share: a case is a row of a table, how the sandbox comes to answer so, and what becomes of it. Each
 * case has an adapter of its own (real layers, undici, loopback) on a clock whose waits are over at once; the sandbox is shared.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert } from "@effect/vitest"
import { Clock, Duration, Effect, Layer, Redacted, References, Stream } from "effect"
import * as App from "../../../src/adapters/github/App.ts"
import * as GitHubDeliveries from "../../../src/adapters/github/Deliveries.ts"
import * as GitHub from "../../../src/adapters/github/GitHub.ts"
import * as Refusals from "../../../src/adapters/github/Refusals.ts"
import { repositoryKey } from "../../../src/domain/Names.ts"
import { GitHubId } from "../../../src/domain/SourceRun.ts"
import { ConfigSource } from "../../../src/ports/ConfigSource.ts"
import { Deliveries } from "../../../src/ports/Deliveries.ts"
import { GitHubApp } from "../../../src/ports/GitHubApp.ts"
import type { GitHubErrorReason } from "../../../src/ports/GitHubError.ts"
import { type Addressee, Reports } from "../../../src/ports/Reports.ts"
import { Workflows } from "../../../src/ports/Workflows.ts"
import type { Fault, FaultAnswer } from "../../../src/sandbox/Fault.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { orderFor, repository } from "./support.ts"

type Ports = ConfigSource | Deliveries | GitHubApp | Reports | Workflows

/** Longer waits are limits on how long something may take; on loopback nothing takes that long. */
const shortestLimit = 5000

/** The time of `clock`, except that a wait is over at once and the time after it has come. */
export const hurried = (clock: Clock.Clock): Clock.Clock & { readonly pass: (millis: number) => void } => {
  let ahead = 0
  const currentTimeMillisUnsafe = () => clock.currentTimeMillisUnsafe() + ahead
  const monotonicTimeNanosUnsafe = () => clock.monotonicTimeNanosUnsafe() + BigInt(Math.round(ahead * 1e6))
  const pass = (millis: number) => {
    ahead += millis
  }
  return Object.assign(Object.create(clock) as Clock.Clock, {
    currentTimeMillisUnsafe,
    currentTimeMillis: Effect.sync(currentTimeMillisUnsafe),
    monotonicTimeNanosUnsafe,
    monotonicTimeNanos: Effect.sync(monotonicTimeNanosUnsafe),
    sleep: (duration: Duration.Duration) => {
      const millis = Duration.toMillis(duration)
      return millis >= shortestLimit ? Effect.never : Effect.sync(() => pass(millis))
    },
    pass
  })
}

/** How long a missing right may be on its way, here. */
export const patience = 1000

/** Requests that can be made, and what the sandbox sees of them. */
const to: Addressee = {
  repository: repository("acme/source"),
  repositoryId: GitHubId.make("700000001"),
  installationId: GitHubId.make("101")
}
const order = orderFor("acme/target", { workflow: "plain.yml" })
const known = { owner: "acme", installationId: GitHubId.make("101") }
const actions = "/repos/acme/target/actions/workflows/plain.yml"

const load = (name: string) =>
  ConfigSource.use((configs) =>
    Effect.flatMap(configs.load([repository(name)], known), (answers) => {
      const answer = answers.get(repositoryKey(repository(name)))
      return Effect.succeed(answer?._tag === "Unreachable" ? { unreachable: answer } : answer)
    })
  )

/** The requests, by what they ask for. */
const places = {
  start: {
    method: "POST",
    path: `${actions}/dispatches`,
    ask: Workflows.use(({ start }) => start(order, () => true))
  },
  "start, too late": {
    method: "POST",
    path: `${actions}/dispatches`,
    ask: Workflows.use(({ start }) => start(order, () => false))
  },
  search: {
    method: "GET",
    path: `${actions}/runs`,
    ask: Workflows.use(({ findStarted }) => findStarted(order, 0))
  },
  token: {
    method: "POST",
    path: "/app/installations/101/access_tokens",
    ask: Workflows.use(({ start }) => start(order, () => true))
  },
  installation: {
    method: "GET",
    path: "/orgs/globex/installation",
    ask: Workflows.use(({ start }) => start(orderFor("globex/target", { workflow: "plain.yml" }), () => true))
  },
  app: { method: "GET", path: "/app", ask: GitHubApp.use(({ login }) => login) },
  log: { method: "GET", path: "/app/hook/deliveries", ask: Deliveries.use(({ pages }) => Stream.runCollect(pages(0))) },
  redelivery: {
    method: "POST",
    path: "/app/hook/deliveries/*/attempts",
    ask: Deliveries.use(({ redeliver }) => redeliver(GitHubId.make("7")))
  },
  configs: { method: "POST", path: "/graphql", ask: load("acme/target") },
  open: {
    method: "POST",
    path: "/repos/acme/source/issues",
    ask: Reports.use(({ create }) => create(to, { title: "A", body: "text" }))
  },
  "open in acme/nowhere": {
    method: "POST",
    path: "/repos/acme/nowhere/issues",
    ask: Reports.use(({ create }) =>
      create({ ...to, repository: repository("acme/nowhere") }, { title: "A", body: "" })
    )
  },
  "open with a long text": {
    method: "POST",
    path: "/repos/acme/source/issues",
    ask: Reports.use(({ create }) => create(to, { title: "A", body: "x".repeat(70_000) }))
  },
  update: {
    method: "PATCH",
    path: "/repos/acme/source/issues/*",
    ask: Reports.use(({ update }) => update(to, 1, "text", false))
  },
  comment: {
    method: "POST",
    path: "/repos/acme/source/issues/*/comments",
    ask: Reports.use(({ comment }) => comment(to, 1, "text"))
  }
} as const satisfies Record<
  string,
  { readonly method: string; readonly path: string; readonly ask: Effect.Effect<unknown, unknown, Ports> }
>
export type Place = keyof typeof places

/** One answer at one place, and what becomes of it. */
export interface Case {
  /** The row of the table: its first cell. */
  readonly row: string
  readonly what: string
  readonly at: Place
  /** How the sandbox comes to answer so, as often as it is asked. */
  readonly given: Omit<Fault, "path" | "method"> | Effect.Effect<unknown, unknown, Sandbox>
  /** `RateLimited 90000`, `Unavailable 120000` with the wait in milliseconds; else the tag, or `Success`. */
  readonly means: string
  /** Requests that reach GitHub there. */
  readonly requests: number
  /** What the message holds. */
  readonly says?: string
  /** Where GitHub is believed to be, if not at the sandbox. */
  readonly apiUrl?: (sandbox: string) => string
}

const isFault = (given: Case["given"]): given is Omit<Fault, "path" | "method"> => !Effect.isEffect(given)

const show = (reason: GitHubErrorReason): readonly [string, string] => {
  const wait = "retryAfter" in reason ? reason.retryAfter : undefined
  return [wait === undefined ? reason._tag : `${reason._tag} ${Math.round(wait)}`, reason.message]
}

/** The adapter, with nothing remembered of other cases. */
export const adapter = (clock: Clock.Clock, apiUrl: (sandbox: string) => string = (url) => url) =>
  Layer.merge(GitHub.layer, GitHubDeliveries.layer).pipe(
    Layer.provide(
      Layer.unwrap(
        Effect.map(Sandbox, ({ app, url }) =>
          App.layer({ id: app.id, privateKey: Redacted.make(app.privateKeyPem), apiUrl: apiUrl(url) })
        )
      )
    ),
    Layer.provide(Layer.succeed(Refusals.RefusalTimeout, Duration.millis(patience))),
    Layer.provideMerge(Layer.succeed(References.MinimumLogLevel, "None")),
    Layer.provideMerge(Layer.succeed(Clock.Clock, clock)),
    Layer.fresh
  )

/** What a place gives: the tag of its failure, what GitHub's refusal of a config is, or `Success`. */
export const outcomeAt = (at: Place) =>
  Effect.matchEffect(places[at].ask as Effect.Effect<unknown, { readonly reason: GitHubErrorReason }, Ports>, {
    onFailure: ({ reason }) => Effect.succeed(show(reason)),
    onSuccess: (value) => {
      const { unreachable } = (value ?? {}) as { readonly unreachable?: { readonly reason: string; message: string } }
      return Effect.succeed<readonly [string, string]>(
        unreachable === undefined ? ["Success", ""] : [`Unreachable ${unreachable.reason}`, unreachable.message]
      )
    }
  })

/** Arms the fault where requests of the place arrive. */
export const arm = (at: Place, fault: Omit<Fault, "path" | "method">) =>
  Sandbox.use(({ injectFault }) =>
    injectFault({ method: places[at].method, path: places[at].path, times: "always", ...fault })
  )

const requestsAt = (at: Place) =>
  Sandbox.use(({ requests }) =>
    Effect.map(requests, (all) => {
      const { method, path } = places[at]
      const pattern = new RegExp(`^${path.replaceAll("*", "[^/]+")}$`)
      return all.filter((request) => request.method === method && pattern.test(request.path)).length
    })
  )

/** Plays a case; where GitHub asks to wait, it is left alone when the next one asks. */
export const play = ({ at, given, means, requests, says = "", apiUrl }: Case) =>
  Effect.gen(function* () {
    yield* isFault(given) ? arm(at, given) : given
    const before = yield* requestsAt(at)
    const seen = Effect.map(requestsAt(at), (now) => now - before)
    const clock = hurried(yield* Clock.Clock)
    yield* Effect.gen(function* () {
      const [outcome, message] = yield* outcomeAt(at)
      assert.strictEqual(outcome, means, message)
      assert.include(message, says)
      assert.strictEqual(yield* seen, requests, "requests")
      if (!means.startsWith("RateLimited")) return
      yield* outcomeAt(at)
      assert.strictEqual(yield* seen, requests, "GitHub is left alone until then")
    }).pipe(Effect.provide(adapter(clock, apiUrl)))
  }).pipe(Effect.ensuring(Sandbox.use(({ clearFaults }) => clearFaults)))

/** GitHub's own answer in JSON. */
export const says = (
  status: number,
  message: string,
  headers: Record<string, string> = {}
): { answer: FaultAnswer } => ({
  answer: { status, headers, body: { message, documentation_url: "https://docs.github.com/rest" } }
})

/** The first cells of the table in a source file's header. */
export const rowsOf = (file: string): ReadonlyArray<string> => {
  const text = readFileSync(join(import.meta.dirname, "../../../src/adapters/github", file), "utf8")
  const rows = text.split("\n").flatMap((line) => /^ \* \| (.*?) \| /.exec(line)?.[1] ?? [])
  return rows.filter((row) => row !== "answer" && row !== "---")
}
