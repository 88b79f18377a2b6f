/**
 * What the server sends, as the page takes it: the domain's own types, as far as text can be relied on. Nothing repeats them, so what uses
 * a field that the domain has renamed does not compile.
 */
import type { DeliveryPage, Journey } from "../../../domain/Answers.ts"
import type { Fact, FactType } from "../../../domain/Fact.ts"
import type { Other } from "./Decode.ts"

/** Fields whose words the page distinguishes or computes with, or has asked for itself: one that it does not know cannot be shown. */
type Closed = "_tag" | "type" | "granularity" | "window" | "ranking"

/**
 * A type of the domain as it comes over the wire. Names and codes are text: the page checks no names, and a newer server may have codes
 * (reasons, statuses, queues) that this page has no words for and shows as they are.
 */
export type Sent<A> = A extends string
  ? string
  : A extends ReadonlyArray<infer Item>
    ? ReadonlyArray<Sent<Item>>
    : A extends object
      ? { readonly [Name in keyof A]: Name extends Closed ? A[Name] : Sent<A[Name]> }
      : A

/** A page of a list, newest first; ask with `cursor` for the older ones. */
export type PageOf<Row> = Omit<Sent<typeof DeliveryPage.Type>, "rows"> & { readonly rows: ReadonlyArray<Row> }

type KnownFact = Sent<Fact>
/** What all facts have in common. */
type CommonFact = Omit<KnownFact, "type" | "data"> & {
  readonly data: Pick<KnownFact["data"], keyof KnownFact["data"]>
}

/** A fact as the page shows it. One of a newer server's types is kept, so that a journey never has a hole. */
export type FactView = KnownFact | Other<CommonFact>
/** The fact of one type. */
export type FactViewOf<Type extends FactType> = Extract<KnownFact, { readonly type: Type }>

/** A source run: its row, and all its facts in the order in which they are shown. */
export type JourneyView = Omit<Sent<Journey>, "facts"> & { readonly facts: ReadonlyArray<FactView> }
