/** What recording a fact means for the table: how `EventLog` and `Projections` say it to the `Recorder`. */
import type { Fact } from "../domain/Fact.ts"
import type { Update, Write } from "../ports/Table.ts"
import type { Retention } from "./Retention.ts"

/** A fact that is being recorded. */
export interface Recording {
  readonly fact: Fact
  /** The fact's time, and when its delivery was accepted, in the one spelling that sorts. */
  readonly time: string
  readonly acceptedAt: string
  /** When it is recorded, milliseconds since the epoch. */
  readonly now: number
  readonly retention: Retention
}

/** What a fact writes. All of it is written in one transaction, or nothing. */
export interface FactWrites {
  /** Written each time. */
  readonly writes: ReadonlyArray<Write>
  /** What is set here is the same whoever sets it and however often, so whoever knows that it is set may leave it out. */
  readonly marks: ReadonlyArray<Update>
}
