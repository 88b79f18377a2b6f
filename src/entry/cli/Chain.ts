/** `dispatcher chain`: all that followed from a run, across repositories, as a tree; with `--watch` until its end. */
import { Console, Effect, type Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type ChainView, edgeStates } from "../../domain/Chain.ts"
import { counted } from "../../domain/Sentence.ts"
import { chainText } from "./ChainText.ts"
import { failuresIn } from "./ChainVerdict.ts"
import { followedOnScreen, unknownRun } from "./ChainWatch.ts"
import { CommandFailed, ProblemsFound, WrongUsage } from "./Failures.ts"
import { service, urlFlag } from "./Service.ts"
import { chainOfSought, chainSource, soughtRun } from "./SoughtRun.ts"
import { during, mark } from "./Terminal.ts"

interface Options {
  readonly run: string
  readonly url: Option.Option<string>
  readonly watch: boolean
  readonly strict: boolean
  readonly json: boolean
}

const jsonOf = (view: ChainView): string => JSON.stringify(view, null, 2)

/** One line of how a chain ended. */
const summaryOf = ({ nodes }: ChainView, failures: number): string => {
  const counts = edgeStates.map((state) => ({
    state,
    count: nodes.reduce((sum, { states }) => sum + states[state], 0)
  }))
  const targets = counts.reduce((sum, { count }) => sum + count, 0)
  const parts = counts.filter(({ count }) => count > 0).map(({ state, count }) => `${count} ${state}`)
  const what = [counted(targets, "target"), parts.join(", ")].filter((part) => part !== "").join(": ")
  return `${mark(failures === 0)} The chain has ended: ${what}.`
}

/** Follows a chain to its end; fails where something in it did. */
const watch = Effect.fnUntraced(function* (
  look: ReturnType<typeof chainOfSought>,
  { strict, json }: Pick<Options, "strict" | "json">
) {
  const view = yield* followedOnScreen(look, json)
  const failures = failuresIn(view, strict)
  yield* Console.log(json ? jsonOf(view) : summaryOf(view, failures))
  if (failures > 0) return yield* new ProblemsFound({ count: failures })
  if (view.cursor !== null) {
    const message = `the chain has more runs than the ${view.nodes.length} that were followed; of the others nothing is known`
    return yield* new CommandFailed({ message })
  }
})

/** Prints the chain of a run. */
const showChain = Effect.fn("cli.chain")(function* (options: Options) {
  const sought = soughtRun(options.run)
  if (sought === undefined) {
    return yield* new WrongUsage({ message: `${options.run} is no run's URL, id or key, and no delivery's GUID` })
  }
  if (options.strict && !options.watch) return yield* new WrongUsage({ message: "--strict goes with --watch" })
  const { client, baseUrl } = yield* service(options.url)
  const look = chainOfSought(chainSource(client, baseUrl), sought)
  if (options.watch) return yield* watch(look, options)
  const view = yield* during(`asking ${baseUrl}`, options.json ? "json" : "text")(look)
  if (view === undefined) return yield* unknownRun
  yield* Console.log(options.json ? jsonOf(view) : chainText(view))
})

export const command = Command.make(
  "chain",
  {
    run: Argument.String("run").pipe(
      Argument.withDescription(
        "Any run of the chain: its URL, its id, its key (repository id/run id/attempt), or its delivery's GUID"
      )
    ),
    url: urlFlag,
    watch: Flag.Boolean("watch").pipe(
      Flag.withAlias("w"),
      Flag.withDescription("Follow the chain to its end; exit with 1 if something in it failed"),
      Flag.withDefault(false)
    ),
    strict: Flag.Boolean("strict").pipe(
      Flag.withDescription(
        "With --watch: targets that were denied or withdrawn, and runs that were lost, are failures, too"
      ),
      Flag.withDefault(false)
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("The chain as one object, for tools; with --watch as it has ended"),
      Flag.withDefault(false)
    )
  },
  showChain
).pipe(Command.withDescription("Show all that followed from a run across repositories, and with --watch how it ends"))
