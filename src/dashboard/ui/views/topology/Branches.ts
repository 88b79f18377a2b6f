/**
 * A repository's neighbours as the tree that is drawn: what starts it on one side, what it starts on the other, two steps each. Which cards are
 * folded, which second steps are asked for, and where the arrow keys lead.
 */
import type { Neighbours } from "../../../../domain/Topology.ts"
import type { Sent } from "../../api/Sent.ts"
import { stepped, type TreePosition } from "../chain/Walk.ts"
import { isNotLetIn, type Neighbour, neighboursAt, type SentConnection } from "./Connections.ts"

/** `before`: what starts the repository; `after`: what it starts. */
export type NeighbourSide = "before" | "after"
/** How the latest decision was: both sides agree, the target's own rules refuse, or something else does. */
type Consent = "agreed" | "notLetIn" | "denied"

/** What is known of the second step behind a card. */
type Beyond =
  | { readonly _tag: "Unasked" | "Asking" | "Failed" }
  | { readonly _tag: "Known"; readonly groups: ReadonlyArray<Group>; readonly more: boolean }

/** A card: a neighbour, and what is behind it. */
export interface Branch extends Neighbour {
  readonly key: string
  readonly side: NeighbourSide
  readonly consent: Consent
  /** Undefined where the tree ends. */
  readonly beyond: Beyond | undefined
  /** Whether what is behind it is shown or hidden because of a click, so that another click undoes it. */
  readonly isToggled: boolean
}

/** Cards under one heading; of many some are folded. */
export interface Group {
  readonly key: string
  readonly side: NeighbourSide
  /** Of the first step only. */
  readonly heading: string | undefined
  readonly shown: ReadonlyArray<Branch>
  /** How many more there are. */
  readonly folded: number
  /** How many of those shown can be folded again. */
  readonly unfolded: number
}

/** What the viewer has opened and closed, and what is known of the second steps. */
export interface Looked {
  /** Keys of groups that are unfolded, and of cards that are not as they are at first. */
  readonly toggled: ReadonlySet<string>
  /** By the repository's name in lower case. */
  readonly known: ReadonlyMap<string, Sent<Neighbours> | "asking" | "failed">
}

const headings: Readonly<Record<NeighbourSide, Readonly<Record<Consent, string>>>> = {
  before: { agreed: "Start it", notLetIn: "Want in and are not let in", denied: "Denied for another reason" },
  after: { agreed: "It starts", notLetIn: "Do not let it in", denied: "Denied for another reason" }
}
const consents = ["agreed", "notLetIn", "denied"] as const

const consentOf = (connection: SentConnection): Consent => {
  if (connection.decision !== "denied") return "agreed"
  return isNotLetIn(connection) ? "notLetIn" : "denied"
}

/** So many cards are shown of more. */
const mostOfFirst = 8
const mostOfSecond = 3
/** The first so many cards of a side are asked what is behind them at once, others when a viewer wants it: one request each. */
const askedAtOnce = 5

type Unfinished = Omit<Branch, "beyond">

const folding = (key: string, all: ReadonlyArray<Unfinished>, most: number, { toggled }: Looked) => {
  if (all.length <= most + 1) return { shown: all, folded: 0, unfolded: 0 }
  const rest = all.length - most
  return toggled.has(key)
    ? { shown: all, folded: 0, unfolded: rest }
    : { shown: all.slice(0, most), folded: rest, unfolded: 0 }
}

const cardsOf = (
  connections: ReadonlyArray<SentConnection>,
  side: NeighbourSide,
  above: string,
  { toggled }: Looked
): ReadonlyArray<Unfinished> =>
  consents.flatMap((consent) => {
    const own = connections.filter((connection) => consentOf(connection) === consent)
    return neighboursAt(own, side === "before" ? "source" : "target").map((neighbour) => {
      const key = `${above}/${consent} ${neighbour.repository.toLowerCase()}`
      return { ...neighbour, key, side, consent, isToggled: toggled.has(key) }
    })
  })

/** The connections that lead on in a direction. */
const onward = ({ starts, startedBy }: Sent<Neighbours>, side: NeighbourSide): ReadonlyArray<SentConnection> =>
  side === "before" ? startedBy : starts
const hasMore = ({ moreStarts, moreStartedBy }: Sent<Neighbours>, side: NeighbourSide): boolean =>
  side === "before" ? moreStartedBy : moreStarts

const beyondOf = (card: Unfinished, isOpen: boolean, looked: Looked): Beyond => {
  const known = looked.known.get(card.repository.toLowerCase())
  if (!isOpen) return { _tag: "Unasked" }
  if (known === "failed") return { _tag: "Failed" }
  if (known === "asking" || known === undefined) return { _tag: "Asking" }
  const key = `fold ${card.key}`
  const all = cardsOf(onward(known, card.side), card.side, card.key, looked)
  const { shown, folded, unfolded } = folding(key, all, mostOfSecond, looked)
  const ends = shown.map((one) => ({ ...one, beyond: undefined }))
  const group = { key, side: card.side, heading: undefined, shown: ends, folded, unfolded }
  return { _tag: "Known", groups: all.length === 0 ? [] : [group], more: hasMore(known, card.side) }
}

/** The cards on one side of a repository, under their headings. */
export const groupsOn = (side: NeighbourSide, neighbours: Sent<Neighbours>, looked: Looked): ReadonlyArray<Group> => {
  const all = cardsOf(onward(neighbours, side), side, side, looked)
  const groups = consents.flatMap((consent) => {
    const own = all.filter((card) => card.consent === consent)
    const key = `fold ${side} ${consent}`
    return own.length === 0 ? [] : [{ key, consent, ...folding(key, own, mostOfFirst, looked) }]
  })
  const atOnce = groups.flatMap(({ shown }) => shown).slice(0, askedAtOnce)
  return groups.map(({ key, consent, shown, folded, unfolded }) => ({
    ...{ key, side, heading: headings[side][consent], folded, unfolded },
    shown: shown.map((card) => ({ ...card, beyond: beyondOf(card, atOnce.includes(card) !== card.isToggled, looked) }))
  }))
}

/** The repositories that are to be asked what is behind them. */
export const askedFor = (groups: ReadonlyArray<Group>): ReadonlyArray<string> => [
  ...new Set(
    groups
      .flatMap(({ shown }) => shown)
      .filter(({ beyond }) => beyond !== undefined && beyond._tag !== "Unasked")
      .map(({ repository }) => repository.toLowerCase())
  )
]

/** A place that has the focus: the repository itself, a card, the fold of a group, or what shows and hides the second step of a card. */
export interface TreePlace extends TreePosition {
  readonly side: NeighbourSide | undefined
  /** The repository of a card. */
  readonly repository: string | undefined
  /** What a fold, or what shows and hides, toggles. */
  readonly toggles: string | undefined
}

/** The key of the repository itself. */
export const centreKey = "centre"
/** The key of what shows and hides the second step of a card. */
export const beyondKey = ({ key }: Branch): string => `beyond ${key}`
/** Whether a card has something that shows or hides its second step. */
export const hasToggle = ({ beyond, isToggled }: Branch): boolean =>
  beyond !== undefined && (isToggled || beyond._tag === "Unasked")

const placesOf = (groups: ReadonlyArray<Group>, level: number, above: string): ReadonlyArray<TreePlace> =>
  groups.flatMap(({ key, side, shown, folded, unfolded }) => [
    ...shown.flatMap((branch): ReadonlyArray<TreePlace> => {
      const beyond = { side, repository: undefined, level: level + 1, above: branch.key }
      const own = branch.beyond?._tag === "Known" ? placesOf(branch.beyond.groups, level + 1, branch.key) : []
      const toggle = hasToggle(branch) ? [{ ...beyond, key: beyondKey(branch), toggles: branch.key }] : []
      const card = { key: branch.key, side, repository: branch.repository, toggles: undefined, level, above }
      return [card, ...own, ...toggle]
    }),
    ...(folded + unfolded === 0 ? [] : [{ key, side, repository: undefined, toggles: key, level, above }])
  ])

/** All places: the repository itself, those on its left, those on its right. */
export const placesIn = (repository: string, groups: ReadonlyArray<Group>): ReadonlyArray<TreePlace> => [
  { key: centreKey, side: undefined, repository, toggles: undefined, level: 0, above: undefined },
  ...placesOf(groups, 1, centreKey)
]

const mirrored: Readonly<Record<string, string>> = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" }

/** Where a key leads: along the edges, mirrored on the left of the repository, and up and down in a column; in a list line by line. */
export const steppedIn = (
  places: ReadonlyArray<TreePlace>,
  from: TreePlace,
  key: string,
  isList: boolean
): TreePlace | undefined => {
  if (isList || key === "Home" || key === "End") return stepped(places, from, key, isList)
  const isLeft = from.side === "before" || (from.side === undefined && key === "ArrowLeft")
  const own = places.filter(({ side }) => side === undefined || side === (isLeft ? "before" : "after"))
  return stepped(own, from, isLeft ? (mirrored[key] ?? key) : key, false)
}
