/**
 * `npm run demo`: the whole main job on this machine, over real HTTP, with a sandbox in GitHub's place. With `--once` it checks its own
 * results and exits with 0 or 1; otherwise the server stays up for you to send more.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Duration, Effect, PubSub, Redacted, Ref, Stream } from "effect"
import { HttpServer } from "effect/http"
import type { ChainView } from "../domain/Chain.ts"
import type { Fact } from "../domain/Fact.ts"
import { isAcceptance, runOf } from "../domain/RunFold.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import { Sandbox } from "../sandbox/Sandbox.ts"
import { chainText } from "./cli/ChainText.ts"
import { chainDifferences, chainNow, checkOfShop } from "./demo/Chain.ts"
import { differences, isEpisodeOver } from "./demo/Checks.ts"
import { chainEnds, type Episode, story } from "./demo/Narration.ts"
import { answerLine, checkLine, note, printedFact, retryLine, title, verdictLine } from "./demo/Printer.ts"
import { demoAdminToken, FactFeed, layer } from "./demo/Stage.ts"
import * as Logging from "./Logging.ts"

const once = process.argv.includes("--once")
const ports = once ? { service: 0, sandbox: 0 } : { service: 3000, sandbox: 4000 }

/** An episode that takes longer has failed. */
const patience = Duration.seconds(20)

const print = (...lines: ReadonlyArray<string>) =>
  Effect.sync(() => {
    for (const text of lines) process.stdout.write(`${text}\n`)
  })

/** Prints each fact once, as it happens; stages may publish the same fact again. */
const watch = Effect.fnUntraced(function* (seen: Ref.Ref<ReadonlyArray<Fact>>) {
  const happenings = yield* PubSub.subscribe(yield* FactFeed)
  yield* Stream.fromSubscription(happenings).pipe(
    Stream.runForEach(
      Effect.fnUntraced(function* (fact: Fact) {
        const known = (yield* Ref.get(seen)).some(({ id }) => id === fact.id)
        if (known) return
        yield* Ref.update(seen, (facts) => [...facts, fact])
        const text = printedFact(fact)
        if (text !== undefined) yield* print(text)
      })
    ),
    Effect.forkScoped
  )
})

/** Sends what GitHub would send, and prints what the service answered. */
const send = Effect.fnUntraced(function* ({ run, event, copies = 1 }: Episode) {
  const sandbox = yield* Sandbox
  const [first] = yield* sandbox.deliveries
  const parcel = run === undefined ? undefined : yield* sandbox.completeRun(run)
  const deliver =
    parcel === undefined && first !== undefined
      ? sandbox.redeliver(first)
      : sandbox.deliver(parcel, event === undefined ? {} : { event })
  const deliveries = yield* Effect.replicateEffect(deliver, copies, { concurrency: "unbounded" })
  yield* print(...deliveries.map(({ statusCode, responseBody }) => answerLine(statusCode, responseBody)))
  return deliveries.map(({ responseBody }) => responseBody)
})

/** The answers to the requests by which GitHub was asked more than once to start the same workflow. */
const repeatedStarts = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const starts = (yield* sandbox.requests).filter(({ path }) => path.endsWith("/dispatches"))
  return [...Map.groupBy(starts, ({ path }) => path).values()].filter((requests) => requests.length > 1)
})

const play = Effect.fnUntraced(function* (episode: Episode, index: number, seen: Ref.Ref<ReadonlyArray<Fact>>) {
  yield* print("", title(`${index + 1}. ${episode.title}`))
  const before = (yield* Ref.get(seen)).length
  const news = Effect.map(Ref.get(seen), (facts) => facts.slice(before))
  const answers = yield* send(episode)
  const unexpected = answers.filter((answer) => !answer.includes(`"${episode.answers}"`))
  const over = Effect.map(news, (facts) => isEpisodeOver(episode, facts))
  yield* Effect.sleep("50 millis").pipe(Effect.repeat({ until: () => over }), Effect.timeoutOption(patience))
  if (index === 0) {
    for (const requests of yield* repeatedStarts) yield* print(retryLine(requests.map(({ status }) => status ?? 0)))
  }
  return [
    ...unexpected.map((answer) => `"${episode.title}": expected the answer "${episode.answers}", got ${answer}`),
    ...differences(episode, yield* news)
  ]
})

/** Follows the first run's chain to its end, shows it, and the check run on the commit that it began with. */
const playChain = Effect.fnUntraced(function* (seen: Ref.Ref<ReadonlyArray<Fact>>) {
  yield* print("", title(`${story.length + 1}. What became of the first run, across repositories`))
  const first = (yield* Ref.get(seen)).find(isAcceptance)
  if (first === undefined) return { problems: ["nothing was accepted"], root: undefined }
  const root = runOf(first)
  const isOver = (view: ChainView) => chainDifferences(view).length === 0
  yield* Effect.sleep("100 millis").pipe(
    Effect.andThen(chainNow(root)),
    Effect.repeat({ until: isOver }),
    Effect.timeoutOption(patience)
  )
  yield* Effect.sleep("50 millis").pipe(
    Effect.andThen(checkOfShop),
    Effect.repeat({ until: (check) => check?.status === "completed" }),
    Effect.timeoutOption(patience)
  )
  const view = yield* chainNow(root)
  const check = yield* checkOfShop
  yield* print(chainText(view).replace(/^/gm, "    ").trimEnd(), checkLine(check))
  const failed =
    check?.conclusion === "failure" ? [] : [`the check run: expected failure, got ${check?.conclusion ?? "none"}`]
  return { problems: [...chainDifferences(view), ...failed], root }
})

/** Each allowed target must have been started once, although its delivery came six times and GitHub failed twice. */
const startedTwice = Effect.gen(function* () {
  const sandbox = yield* Sandbox
  const runs = yield* sandbox.startedRuns()
  const wanted = Object.keys(chainEnds).length
  return runs.length === wanted ? [] : [`expected ${wanted} started runs, GitHub has ${runs.length}`]
})

const invitation = Effect.fnUntraced(function* (root: RunKey | undefined) {
  const sandbox = yield* Sandbox
  const { address } = yield* HttpServer.HttpServer
  yield* print(
    "",
    `The service listens on ${HttpServer.formatAddress(address)}, GitHub is played by ${sandbox.url}. Send more:`,
    "",
    `  curl -s ${sandbox.url}/_sandbox/runs -d '{"repository":"acme/shop","workflow":"ci.yml","attempt":2}'`,
    `  curl -s ${sandbox.url}/_sandbox/state`,
    "",
    `Dashboard: ${HttpServer.formatAddress(address)}/admin (token: ${Redacted.value(demoAdminToken)}; figures follow within a minute)`,
    ...(root === undefined
      ? []
      : [`The chain:  ${HttpServer.formatAddress(address)}/admin?chain=${encodeURIComponent(root)}`]),
    "",
    note("Ctrl-C ends it.")
  )
})

const main = Effect.gen(function* () {
  const seen = yield* Ref.make<ReadonlyArray<Fact>>([])
  yield* watch(seen)
  const played = yield* Effect.forEach(story, (episode, index) => play(episode, index, seen))
  const chain = yield* playChain(seen)
  const problems = [...played.flat(), ...chain.problems, ...(yield* startedTwice)]
  yield* print("", verdictLine(problems))
  if (once) return problems.length
  yield* invitation(chain.root)
  return yield* Effect.never
}).pipe(Effect.scoped)

NodeRuntime.runMain(
  main.pipe(
    Effect.provide(layer(ports)),
    Effect.provide(Logging.layer("None")),
    Effect.tap((problems) =>
      Effect.sync(() => {
        process.exitCode = problems === 0 ? 0 : 1
      })
    )
  )
)
