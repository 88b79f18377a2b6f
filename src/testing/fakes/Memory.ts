/**
 * Everything that the flow needs of the world, in memory: for tests, and to try things out. What GitHub was asked for can be read from
 * {@link StartedWorkflows}, {@link WrittenIssues}, {@link WrittenChecks} and {@link PublishedFacts}; what goes wrong is in the script of {@link Faults}.
 */
import { Layer } from "effect"
import type { ConfigAnswer } from "../../domain/Config.ts"
import type { RepositoryName } from "../../domain/Names.ts"
import type { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../../flow/Queues.ts"
import type * as Checks from "../../ports/Checks.ts"
import type * as ConfigSource from "../../ports/ConfigSource.ts"
import type * as FactBus from "../../ports/FactBus.ts"
import type * as GitHubApp from "../../ports/GitHubApp.ts"
import type * as Reports from "../../ports/Reports.ts"
import type { Table } from "../../ports/Table.ts"
import type * as Workflows from "../../ports/Workflows.ts"
import * as FakeChecks from "./Checks.ts"
import * as FakeConfigSource from "./ConfigSource.ts"
import * as FakeFactBus from "./FactBus.ts"
import { type Faults, layerFaults, layerPortsWithFaults } from "./Faults.ts"
import * as FakeGitHubApp from "./GitHubApp.ts"
import { layerMemory as layerQueues } from "./Queues.ts"
import * as FakeReports from "./Reports.ts"
import { layerMemory as layerTable } from "./Table.ts"
import * as FakeWorkflows from "./Workflows.ts"

export { WrittenChecks } from "./Checks.ts"
export { StoredConfigs } from "./ConfigSource.ts"
export { PublishedFacts } from "./FactBus.ts"
export { Faults } from "./Faults.ts"
export { WrittenIssues } from "./Reports.ts"
export { StartedWorkflows } from "./Workflows.ts"

/** What tests look at. */
export type Witnesses =
  | FakeChecks.WrittenChecks
  | FakeFactBus.PublishedFacts
  | FakeReports.WrittenIssues
  | FakeWorkflows.StartedWorkflows

/** A GitHub in memory, whose repositories answer so when they are asked for their config; others do not exist. */
export const layerFakeGitHub = (
  answers: ReadonlyMap<RepositoryName, ConfigAnswer>
): Layer.Layer<
  | Checks.Checks
  | FakeChecks.WrittenChecks
  | ConfigSource.ConfigSource
  | FakeConfigSource.StoredConfigs
  | GitHubApp.GitHubApp
  | Reports.Reports
  | FakeReports.WrittenIssues
  | FakeWorkflows.StartedWorkflows
  | Workflows.Workflows
> =>
  Layer.mergeAll(
    FakeChecks.layerMemory,
    FakeConfigSource.layerMemory(answers),
    FakeGitHubApp.layerMemory,
    FakeReports.layerMemory,
    FakeWorkflows.layerMemory
  )

/** A Table, queues that forget when their scope closes, and a fact bus that keeps what was published. */
export const layerFakeStorage: Layer.Layer<
  FactBus.FactBus | FakeFactBus.PublishedFacts | FactQueue | OrderQueue | PlanQueue | ReportQueue | Table
> = Layer.mergeAll(layerTable, layerQueues, FakeFactBus.layerMemory)

/** All of it, with the script of {@link Faults} around it. */
export const layer = (
  answers: ReadonlyMap<RepositoryName, ConfigAnswer> = new Map()
): Layer.Layer<Faults | Layer.Success<ReturnType<typeof layerFakeGitHub>> | Layer.Success<typeof layerFakeStorage>> =>
  layerPortsWithFaults.pipe(Layer.provideMerge(Layer.mergeAll(layerFakeGitHub(answers), layerFakeStorage, layerFaults)))
