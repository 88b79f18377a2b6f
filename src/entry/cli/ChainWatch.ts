/** Follows a chain to its end: asks again and again, and shows what has changed. */
import { Clock, Console, Effect } from "effect"
import type { ChainView } from "../../domain/Chain.ts"
import { treeOf } from "./ChainText.ts"
import { isGoing } from "./ChainVerdict.ts"
import { CommandFailed } from "./Failures.ts"
import { patiently } from "./Following.ts"
import type { ServiceAway } from "./Service.ts"
import { ProgressScreen, type Screen } from "./Terminal.ts"

/** How often the service is asked. */
const interval = "5 seconds"
/** How many times in a row nothing may be known of the run: two minutes, in which its delivery should have arrived. */
const mostUnknown = 24

/** Shows a chain as it is now. */
export type Show = (view: ChainView) => Effect.Effect<void>

/** What is said where nothing is known of a run. */
export const unknownRun = new CommandFailed({
  message:
    "nothing is known of this run: the dispatcher hears of a run when it completes, and forgets it after the retention"
})

/** Shows a chain until nothing in it is open or runs; its end. Goes on while the service is away. */
export const followed = Effect.fnUntraced(function* (
  look: Effect.Effect<ChainView | undefined, CommandFailed | ServiceAway>,
  show: Show
): Effect.fn.Return<ChainView, CommandFailed | ServiceAway> {
  for (let unknown = 0; unknown <= mostUnknown; ) {
    const view = yield* patiently(look)
    unknown = view === undefined ? unknown + 1 : 0
    if (view !== undefined) {
      yield* show(view)
      if (!isGoing(view, yield* Clock.currentTimeMillis)) return view
    }
    yield* Effect.sleep(interval)
  }
  return yield* unknownRun
})

/** Prints the tree once, and then each line of it that is new or other than before. */
export const changePrinter = (): Show => {
  let shown: ReadonlyMap<string, string> | undefined
  return (view) =>
    Effect.suspend(() => {
      const lines = treeOf(view)
      const before = shown
      shown = new Map(lines.map(({ key, text }) => [key, text]))
      const changed =
        before === undefined
          ? lines.map(({ branch, text }) => branch + text)
          : lines.filter(({ key, text }) => before.get(key) !== text).map(({ text }) => text)
      return changed.length === 0 ? Effect.void : Console.log(changed.join("\n"))
    })
}

const [openScreen, closeScreen] = ["\u001b[?1049h", "\u001b[?1049l"]
const fromTheTop = "\u001b[H\u001b[2J"

/** Draws the tree anew each time; of one that is longer than the screen its beginning. */
const redrawing =
  (draw: NonNullable<Screen>): Show =>
  (view) =>
    Effect.sync(() => {
      const rows = Math.max(4, (process.stderr.rows ?? 40) - 2)
      const lines = treeOf(view).map(({ branch, text }) => branch + text)
      const rest = lines.length > rows ? [`… ${lines.length - rows} lines more`] : []
      draw(`${fromTheTop}${[...lines.slice(0, rows), ...rest, "", "Ctrl-C ends the watch."].join("\n")}`)
    })

/** Follows a chain on the terminal's second screen, which is gone afterwards; without a terminal it prints what changes; for tools nothing. */
export const followedOnScreen = Effect.fnUntraced(function* (
  look: Effect.Effect<ChainView | undefined, CommandFailed | ServiceAway>,
  isForTools: boolean
) {
  if (isForTools) return yield* followed(look, () => Effect.void)
  const draw = yield* ProgressScreen
  if (draw === undefined) return yield* followed(look, changePrinter())
  return yield* Effect.acquireUseRelease(
    Effect.sync(() => draw(`${openScreen}${fromTheTop}Waiting for the chain…`)),
    () => followed(look, redrawing(draw)),
    () => Effect.sync(() => draw(closeScreen))
  ).pipe(
    Effect.tap((view) =>
      Console.log(
        treeOf(view)
          .map(({ branch, text }) => branch + text)
          .join("\n")
      )
    )
  )
})
