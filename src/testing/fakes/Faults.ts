/** A script of faults around the ports: calls are named by port and method, as in `Table.write`. */
import { Context, Effect, Layer } from "effect"
import { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../../flow/Queues.ts"
import { Checks } from "../../ports/Checks.ts"
import { ConfigSource } from "../../ports/ConfigSource.ts"
import { FactBus } from "../../ports/FactBus.ts"
import { Reports } from "../../ports/Reports.ts"
import { Table } from "../../ports/Table.ts"
import { Workflows } from "../../ports/Workflows.ts"
import { perform, Script } from "../FaultScript.ts"

/** The ports that faults can be about. */
export type PortName = QueueName | "Table" | "FactBus" | "ConfigSource" | "Workflows" | "Reports" | "Checks"
type QueueName = "PlanQueue" | "OrderQueue" | "ReportQueue" | "FactQueue"

/** The calls that faults can be about. */
export type PortOperation =
  | `Table.${keyof Table["Service"]}`
  | `${Extract<PortName, `${string}Queue`>}.${keyof PlanQueue["Service"]}`
  | `FactBus.${keyof FactBus["Service"]}`
  | `ConfigSource.${keyof ConfigSource["Service"]}`
  | `Workflows.${keyof Workflows["Service"]}`
  | `Reports.${keyof Reports["Service"]}`
  | `Checks.${keyof Checks["Service"]}`

/** The calls of the ports in memory, and the faults that those to come will meet. */
export class Faults extends Context.Service<Faults, Script<PortOperation>>()("dispatcher/testing/fakes/Faults") {}

/** A script with no fault in it yet. */
export const layerFaults: Layer.Layer<Faults> = Layer.sync(Faults, () => new Script())

/** All methods that make a call; `consume` makes many, which are its consumer's, and what is no function is a question. */
const around = <S extends object>(script: Script<PortOperation>, port: string, service: S): S => {
  const members = Object.entries(service).map(([name, member]) => {
    if (typeof member !== "function" || name === "consume") return [name, member]
    const operation = `${port}.${name}` as PortOperation
    return [name, (...input: ReadonlyArray<unknown>) => perform(script, operation, member, ...input)]
  })
  return Object.fromEntries(members) as S
}

/** A port with the script around it. */
export const layerWithFaults = <I, S extends object>(
  port: Context.Key<I, S>,
  name: PortName
): Layer.Layer<I, never, I | Faults> =>
  Layer.effect(
    port,
    Effect.gen(function* () {
      return around(yield* Faults, name, yield* port)
    })
  )

/** All ports with the script around them. */
export const layerPortsWithFaults = Layer.mergeAll(
  layerWithFaults(Table, "Table"),
  layerWithFaults(PlanQueue, "PlanQueue"),
  layerWithFaults(OrderQueue, "OrderQueue"),
  layerWithFaults(ReportQueue, "ReportQueue"),
  layerWithFaults(FactQueue, "FactQueue"),
  layerWithFaults(FactBus, "FactBus"),
  layerWithFaults(ConfigSource, "ConfigSource"),
  layerWithFaults(Workflows, "Workflows"),
  layerWithFaults(Reports, "Reports"),
  layerWithFaults(Checks, "Checks")
)
