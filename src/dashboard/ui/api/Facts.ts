/** The facts of a journey as the page receives them: those of `domain/Fact.ts`, and those of types that it does not know. */
import type { Journey } from "../../../domain/Answers.ts"
import type { Fact, FactType } from "../../../domain/Fact.ts"
import type { Other } from "./Decode.ts"
import type { Sent } from "./Sent.ts"

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
