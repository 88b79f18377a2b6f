/** How the runs that were started ended: the words and colours of it, and one bar of shares. No success or failure of dispatching. */
import type { Counts } from "../../../domain/Answers.ts"
import { Shares } from "../charts/Bars.tsx"
import { count } from "../format/Numbers.ts"
import type { Status } from "../format/Words.ts"

/** How a started run stands, drawn like the statuses that are as good or as bad: the order of every stack and legend. */
export const results = [
  { name: "succeeded", label: "Succeeded", icon: "dispatched" },
  { name: "unsuccessful", label: "Unsuccessful", icon: "failed" },
  { name: "running", label: "Running", icon: "queued" },
  { name: "lost", label: "Lost", icon: "unknown" }
] as const satisfies ReadonlyArray<{ readonly name: keyof Counts; readonly label: string; readonly icon: Status }>

/** `3 succeeded, 1 unsuccessful`: those that there are. */
export const resultsSaid = (counts: Counts): string =>
  results
    .filter(({ name }) => counts[name] > 0)
    .map(({ name, label }) => `${count(counts[name])} ${label.toLowerCase()}`)
    .join(", ")

/** The shares of the results. */
export const ResultBar = ({ counts }: { readonly counts: Counts }) => (
  <Shares
    parts={results.map(({ name, icon }) => [`fill-${icon}`, counts[name]] as const)}
    label={resultsSaid(counts) || "nothing was started"}
  />
)
