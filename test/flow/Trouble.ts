/**
 * Trouble with the ports: what happens before and after any call that a stage makes. Calls are named `Table.transact`, so a test can
 * let one fail, take time, or kill whoever made it: a process that dies is a fiber that is interrupted.
 */
import { Context, Effect, Layer } from "effect"
import { OrderQueue, PlanQueue, ReportQueue } from "../../src/flow/Queues.ts"
import { ConfigSource } from "../../src/ports/ConfigSource.ts"
import { FactBus } from "../../src/ports/FactBus.ts"
import { Reports } from "../../src/ports/Reports.ts"
import { Table } from "../../src/ports/Table.ts"
import { Workflows } from "../../src/ports/Workflows.ts"

/** What happens around a call; `never` because ports have no word for dying, and tests know which errors a port has. */
export interface Event {
  readonly before?: Effect.Effect<void, never>
  readonly after?: Effect.Effect<void, never>
}
/** Decides what happens around the call with this name, the `index`-th of all calls (from 0). */
export type Plot = (call: string, index: number) => Event | undefined

export class Trouble extends Context.Service<
  Trouble,
  {
    /** All calls so far, in the order in which they were made. */
    readonly calls: Effect.Effect<ReadonlyArray<string>>
    /** What happens from now on; calls count from 0 again. */
    readonly plot: (plot: Plot) => Effect.Effect<void>
    readonly over: Effect.Effect<void>
    readonly around: <S extends object>(port: string, service: S) => S
  }
>()("dispatcher/test/flow/Trouble") {}

/** The caller dies. */
export const death: Effect.Effect<never> = Effect.interrupt
/** The port fails. */
export const failure = (error: unknown): Effect.Effect<never> => Effect.fail(error) as unknown as Effect.Effect<never>
/** Nothing ever answers. */
export const silence: Effect.Effect<never> = Effect.never

/** One event for every call of this name. */
export const always =
  (name: string, event: Event): Plot =>
  (call) =>
    call === name ? event : undefined

/** One event for the n-th call (from 0), whatever it is. */
export const once =
  (n: number, event: Event): Plot =>
  (_, index) =>
    index === n ? event : undefined

const quiet: Plot = () => undefined

export const layer: Layer.Layer<Trouble> = Layer.sync(Trouble, () => {
  let plot = quiet
  let calls: Array<string> = []
  const disturbed = <A, E, R>(name: string, call: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      const event = plot(name, calls.length)
      calls.push(name)
      return (event?.before ?? Effect.void).pipe(
        Effect.andThen(call),
        Effect.tap(() => event?.after ?? Effect.void)
      )
    })
  return {
    calls: Effect.sync(() => [...calls]),
    plot: (next) =>
      Effect.sync(() => {
        plot = next
        calls = []
      }),
    over: Effect.sync(() => {
      plot = quiet
    }),
    around: <S extends object>(port: string, service: S) => {
      const members = Object.entries(service).map(([name, member]) => {
        if (typeof member !== "function" || name === "consume") return [name, member]
        return [name, (...args: ReadonlyArray<unknown>) => disturbed(`${port}.${name}`, member(...args))]
      })
      return Object.fromEntries(members) as S
    }
  }
})

const troubled = <I, S extends object>(port: Context.Key<I, S>, name: string) =>
  Layer.effect(
    port,
    Effect.gen(function* () {
      const trouble = yield* Trouble
      return trouble.around(name, yield* port)
    })
  )

/** All ports, with trouble around them. */
export const layerTroubledPorts = Layer.mergeAll(
  troubled(Table, "Table"),
  troubled(PlanQueue, "PlanQueue"),
  troubled(OrderQueue, "OrderQueue"),
  troubled(ReportQueue, "ReportQueue"),
  troubled(FactBus, "FactBus"),
  troubled(ConfigSource, "ConfigSource"),
  troubled(Workflows, "Workflows"),
  troubled(Reports, "Reports")
)
