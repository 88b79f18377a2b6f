/**
 * Everything that the flow needs of the world, in memory: for tests, and to try things out. What GitHub was asked for can be read from
 * {@link StartedWorkflows}, {@link WrittenIssues} and {@link PublishedFacts}, and told to go wrong by them.
 */
import { Layer } from "effect"
import type { ConfigAnswer } from "../../domain/Config.ts"
import type { RepositoryName } from "../../domain/Names.ts"
import * as ConfigSource from "../../ports/ConfigSource.ts"
import * as FactBus from "../../ports/FactBus.ts"
import * as GitHubApp from "../../ports/GitHubApp.ts"
import * as Reports from "../../ports/Reports.ts"
import type { Table } from "../../ports/Table.ts"
import * as Workflows from "../../ports/Workflows.ts"
import type { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../../ports/WorkQueue.ts"
import { layerMemory as layerQueues } from "../../queue/MemoryStore.ts"
import { layerMemory as layerTable } from "./Table.ts"

export { PublishedFacts } from "../../ports/FactBus.ts"
export { WrittenIssues } from "../../ports/Reports.ts"
export { StartedWorkflows } from "../../ports/Workflows.ts"

/** What tests look at. */
export type Witnesses = FactBus.PublishedFacts | Reports.WrittenIssues | Workflows.StartedWorkflows

/** A GitHub in memory, whose repositories answer so when they are asked for their config; others do not exist. */
export const layerGitHub = (
  answers: ReadonlyMap<RepositoryName, ConfigAnswer>
): Layer.Layer<
  | ConfigSource.ConfigSource
  | GitHubApp.GitHubApp
  | Reports.Reports
  | Reports.WrittenIssues
  | Workflows.StartedWorkflows
  | Workflows.Workflows
> =>
  Layer.mergeAll(ConfigSource.layerMemory(answers), GitHubApp.layerMemory, Reports.layerMemory, Workflows.layerMemory)

/** A Table, queues that forget when their scope closes, and a fact bus that keeps what was published. */
export const layerStorage: Layer.Layer<
  FactBus.FactBus | FactBus.PublishedFacts | FactQueue | OrderQueue | PlanQueue | ReportQueue | Table
> = Layer.mergeAll(layerTable, layerQueues, FactBus.layerMemory)

/** All of it. */
export const layer = (
  answers: ReadonlyMap<RepositoryName, ConfigAnswer>
): Layer.Layer<Layer.Success<ReturnType<typeof layerGitHub>> | Layer.Success<typeof layerStorage>> =>
  Layer.merge(layerGitHub(answers), layerStorage)
