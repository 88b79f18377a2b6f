/** What a soak needs of a service, wherever that runs: to harm it, and to look at what it has stored. */
import type { Effect, Scope } from "effect"
import type { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../../src/flow/Queues.ts"
import type { Ledger } from "../../src/ledger/Ledger.ts"
import type { Table } from "../../src/ports/Table.ts"
import type { DashboardQueries } from "../../src/readmodel/DashboardQueries.ts"
import type { Sandbox } from "../../src/sandbox/Sandbox.ts"
import type { Blows } from "./Chaos.ts"

/** The stores of a service, and what its dashboard reads of them. */
export type Stores = DashboardQueries | Ledger | Table | PlanQueue | OrderQueue | ReportQueue | FactQueue

/** A service that is soaked. */
export interface World {
  readonly blows: Blows
  /** How many deliveries it is sent at once, at most. */
  readonly atOnce: number
  /** Answers from the stores; the service may have to end for that. */
  readonly look: <A>(question: Effect.Effect<A, unknown, Stores>) => Effect.Effect<A>
  /** Has the service go on after a look. */
  readonly resume: Effect.Effect<void>
  /** How often it ended by itself. */
  readonly crashes: () => number
  /** The lines of its log that hold one of these words. */
  readonly log: (words: ReadonlyArray<string>) => ReadonlyArray<string>
}

/** What a world is made of. */
interface WorldOptions {
  readonly seed: number
  /** Where the data and the log go. */
  readonly folder: string
  /** Ends when the next request comes to GitHub that starts a workflow. */
  readonly nextStart: Effect.Effect<void>
}

/** Makes the service beside the sandbox that is there, working. */
export type MakeWorld<R = never> = (options: WorldOptions) => Effect.Effect<World, never, Sandbox | Scope.Scope | R>
