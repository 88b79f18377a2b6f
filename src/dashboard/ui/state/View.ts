/**
 * What the page shows, as one value: the view, the filters that every widget follows, and what is open. The URL's query is this value
 * written down, so a view can be shared, kept as a bookmark and gone back to; what is missing or makes no sense there is left out.
 */
import type { FindKey, RankedWindow, Ranking, Window } from "../../../domain/Answers.ts"
import { isOnRealDay } from "../../../domain/Bucket.ts"
import {
  deliveryPattern,
  findKeys,
  rankedWindows,
  rankings,
  runKeyPattern,
  windows
} from "../../../domain/Vocabulary.ts"
import type { RunSearch } from "../api/Questions.ts"
import { isRepositoryName, isSameRepository } from "../format/GitHub.ts"
import { rfc3339 } from "../format/Times.ts"
import { factTypeOf, type Status, searchedStatuses } from "../format/Words.ts"
import {
  type HypotheticalInput,
  nothingFilledIn,
  parseHypothetical,
  repositoryIn,
  supposedParameters
} from "./HypotheticalInput.ts"
import { parseTopology, type TopologyInput, wholeTopology } from "./TopologyInput.ts"

export const tabs = ["operations", "trends", "events", "topology", "explain"] as const
export type Tab = (typeof tabs)[number]
/** How far back the page looks. */
export type Period = Window
export const periods = windows

const hour = 3_600_000
/** Milliseconds of each period. */
export const periodLength: Readonly<Record<Period, number>> = {
  "15m": hour / 4,
  "1h": hour,
  "24h": 24 * hour,
  "7d": 7 * 24 * hour,
  "30d": 30 * 24 * hour,
  "90d": 90 * 24 * hour
}

/** One side of a comparison. */
export interface Compared {
  readonly kind: "source" | "target"
  readonly repository: string
}

export interface ViewState {
  readonly tab: Tab
  readonly source: string | undefined
  readonly target: string | undefined
  readonly status: Status | undefined
  /** A denial or failure code. */
  readonly reason: string | undefined
  readonly period: Period
  /** RFC 3339, for events only. */
  readonly from: string | undefined
  readonly to: string | undefined
  readonly ranking: Ranking
  /** What runs are looked for by; the Events view then shows those. */
  readonly find: RunSearch | undefined
  /** At most two. */
  readonly compare: ReadonlyArray<Compared>
  /** The chain that is shown in the place of the tab, by the key of its first run. */
  readonly chain: string | undefined
  /** Whose journey is open: a delivery, or a run by its key. */
  readonly journey: string | undefined
  readonly topology: TopologyInput
  /** The run that the Explain view is about. */
  readonly supposed: HypotheticalInput
}

export const initialView: ViewState = {
  tab: "operations",
  source: undefined,
  target: undefined,
  status: undefined,
  reason: undefined,
  period: "24h",
  from: undefined,
  to: undefined,
  ranking: "sources",
  find: undefined,
  compare: [],
  chain: undefined,
  journey: undefined,
  topology: wholeTopology,
  supposed: nothingFilledIn
}

/** The filters, which a reset clears. */
export const filterNames = ["source", "target", "status", "reason", "from", "to"] as const
export type FilterName = (typeof filterNames)[number]

/** The window of rankings that a period stands for: the longest there is for the long ones. */
export const rankedWindowOf = (period: Period): RankedWindow => among(period, rankedWindows) ?? "7d"

/** Longer text finds nothing. */
const longestSought = 500
const codePattern = /^[a-z_]{1,64}$/

const matching = (value: string | null, pattern: RegExp): string | undefined =>
  value !== null && pattern.test(value) ? value : undefined

const among = <A extends string>(value: string | null, known: ReadonlyArray<A>): A | undefined =>
  known.find((one) => one === value)

/** However a time is written in the URL, the API is asked in its own form; a day that its month does not have is no time. */
const time = (value: string | null): string | undefined => {
  const text = value ?? ""
  const parsed = Date.parse(text)
  const isUnreal = /^\d{4}-\d\d-\d\d/.test(text) && !isOnRealDay(text)
  return Number.isNaN(parsed) || isUnreal ? undefined : rfc3339(parsed)
}

const finding = (by: string | null, value: string | null): RunSearch | undefined => {
  const key: FindKey | undefined = among(by, findKeys)
  const text = value?.trim() ?? ""
  return key === undefined || text === "" || text.length > longestSought ? undefined : { by: key, value: text }
}

const compared = (text: string): ReadonlyArray<Compared> => {
  const [kind = "", repository = ""] = text.split(":")
  return (kind === "source" || kind === "target") && isRepositoryName(repository) ? [{ kind, repository }] : []
}

/** Whether two sides of a comparison are one. */
export const sameCompared = (a: Compared, b: Compared): boolean =>
  a.kind === b.kind && isSameRepository(a.repository, b.repository)

/** Reads the view from a URL's query. A CloudEvents type asks the same as its status. */
export const parseView = (query: string): ViewState => {
  const given = new URLSearchParams(query)
  const type = given.get("type")
  return {
    tab: among(given.get("view"), tabs) ?? initialView.tab,
    source: repositoryIn(given.get("source")),
    target: repositoryIn(given.get("target")),
    status:
      among(given.get("status"), searchedStatuses) ?? searchedStatuses.find((status) => factTypeOf[status] === type),
    reason: matching(given.get("reason"), codePattern),
    period: among(given.get("range"), periods) ?? initialView.period,
    from: time(given.get("from")),
    to: time(given.get("to")),
    ranking: among(given.get("ranking"), rankings) ?? initialView.ranking,
    find: finding(given.get("by"), given.get("find")),
    compare: (given.get("compare") ?? "").split(",").flatMap(compared).slice(0, 2),
    chain: matching(given.get("chain"), runKeyPattern),
    journey: matching(given.get("journey"), deliveryPattern) ?? matching(given.get("journey"), runKeyPattern),
    topology: parseTopology(given),
    supposed: parseHypothetical(given)
  }
}

const unlessInitial = <A extends string>(value: A, initial: A): A | undefined => (value === initial ? undefined : value)

/** Writes the view as a URL's query, without what is as at the start: `?source=acme%2Fshop`, or nothing. */
export const formatView = (view: ViewState): string => {
  const compare = view.compare.map(({ kind, repository }) => `${kind}:${repository}`).join(",")
  const written = {
    view: unlessInitial(view.tab, initialView.tab),
    source: view.source,
    target: view.target,
    status: view.status,
    reason: view.reason,
    range: unlessInitial(view.period, initialView.period),
    from: view.from,
    to: view.to,
    ranking: unlessInitial(view.ranking, initialView.ranking),
    by: view.find?.by,
    find: view.find?.value,
    compare: compare || undefined,
    chain: view.chain,
    journey: view.journey,
    ...view.topology,
    ...supposedParameters(view.supposed)
  }
  const pairs = new URLSearchParams()
  for (const [name, value] of Object.entries(written)) if (value !== undefined) pairs.set(name, value)
  // Slashes, colons and commas may stand in a query as they are, and people read these addresses.
  const query = `${pairs}`.replace(/%(2F|3A|2C)/g, decodeURIComponent)
  return query === "" ? "" : `?${query}`
}

/** The filters that are set. */
export const activeFilters = (view: ViewState): ReadonlyArray<FilterName> =>
  filterNames.filter((name) => view[name] !== undefined)

const noFilters = {
  source: undefined,
  target: undefined,
  status: undefined,
  reason: undefined,
  from: undefined,
  to: undefined,
  find: undefined
}

/** The view without filters and with the usual period. */
export const withoutFilters = (view: ViewState): ViewState => ({ ...view, ...noFilters, period: initialView.period })

/** Only the filters among `kept`, which is how an unsupported search becomes a supported one. */
export const keepingFilters = (view: ViewState, kept: ReadonlyArray<string>): ViewState => {
  const dropped = (["source", "target", "status", "reason"] as const).filter((name) => !kept.includes(name))
  return { ...view, ...Object.fromEntries(dropped.map((name) => [name, undefined])) }
}

/**
 * Sets a filter, or clears it if it is that value already: what a click on something shown does. Chains and the topology follow no filters,
 * so it leaves them.
 */
export const toggled = <Name extends "source" | "target" | "status" | "reason">(
  view: ViewState,
  name: Name,
  value: NonNullable<ViewState[Name]>
): ViewState => ({
  ...view,
  tab: view.tab === "topology" ? "events" : view.tab,
  topology: wholeTopology,
  chain: undefined,
  [name]: view[name]?.toLowerCase() === value.toLowerCase() ? undefined : value
})

/** The neighbours of a repository, or without one all connections; in the place of what is open. */
export const topologyOf = (view: ViewState, around?: string): ViewState => ({
  ...view,
  tab: "topology",
  chain: undefined,
  journey: undefined,
  topology: { ...wholeTopology, around }
})

/** The events of seven days of a source, of a target, or of what a source causes in a target; in the place of the topology. */
export const eventsAbout = (
  view: ViewState,
  filters: { readonly source?: string; readonly target?: string }
): ViewState => ({
  ...withoutFilters(view),
  ...filters,
  tab: "events",
  period: "7d",
  topology: wholeTopology
})

/** Puts a repository beside another one, or takes it away; a third one takes the place of the second. */
export const comparing = (view: ViewState, side: Compared): ViewState => {
  const others = view.compare.filter((one) => !sameCompared(one, side))
  const compare = others.length < view.compare.length ? others : [...others.slice(0, 1), side]
  return { ...view, compare }
}
