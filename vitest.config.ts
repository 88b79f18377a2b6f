/**
 * Three sets of tests. `npm test` runs the first two, `npm run test:e2e` the third.
 *
 * - `unit`: in one process. Files share the modules of their worker, which saves loading Effect for each of them.
 * - `http`: the whole service over HTTP, each file in a process of its own, since metrics are one process's.
 * - `e2e`: what needs Java, Chromium or an installed package, what kills processes, and what takes long: trouble, bursts, thousands of deliveries.
 */
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

const e2e = [
  "test/e2e/aws/**/*.test.ts",
  "test/e2e/{AnyAnswer,Burst,GitHubTrouble,Hostile,Kill,Lifecycle,Operating,Soak,Starting}.test.ts",
  "test/flow/Figures.test.ts",
  "test/dashboard/browser/*.test.ts",
  "test/adapters/aws/dynamodb/DynamoTable.test.ts",
  "test/project/Package.test.ts"
]
const http = ["test/e2e/*.test.ts"]
/** Files that take longest, longest first. Vitest starts with the largest where it has not measured, as in a fresh clone. */
const longest = [
  "test/e2e/aws/Versions.test.ts",
  "test/project/Package.test.ts",
  "test/e2e/Kill.test.ts",
  "test/e2e/aws/Concurrent.test.ts",
  "test/dashboard/browser/Dashboard.test.ts",
  "test/e2e/aws/Journeys.test.ts",
  "test/e2e/aws/Permissions.test.ts",
  "test/flow/Figures.test.ts",
  "test/adapters/aws/dynamodb/DynamoTable.test.ts",
  "test/e2e/aws/Kill.test.ts",
  "test/e2e/Soak.test.ts",
  "test/e2e/Hostile.test.ts",
  "test/e2e/aws/Bundle.test.ts",
  "test/e2e/aws/Groups.test.ts",
  "test/e2e/Lifecycle.test.ts",
  "test/dashboard/browser/States.test.ts",
  "test/e2e/aws/Sweep.test.ts",
  "test/e2e/aws/Restore.test.ts",
  "test/e2e/GitHubTrouble.test.ts",
  "test/e2e/aws/Starts.test.ts",
  "test/e2e/Burst.test.ts",
  "test/e2e/AnyAnswer.test.ts",
  "test/e2e/aws/Same.test.ts",
  "test/adapters/aws/sqs/SqsQueue.test.ts",
  "test/readmodel/Rollup.test.ts",
  "test/readmodel/RollupCost.test.ts",
  "test/readmodel/Record.test.ts",
  "test/flow/ExactlyOnce.test.ts",
  "test/flow/ClaimModel.test.ts",
  "test/domain/PlanningLaws.test.ts"
].map((path) => join(import.meta.dirname, path))

class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const rank = ({ moduleId }: TestSpecification) =>
      longest.includes(moduleId) ? longest.indexOf(moduleId) : longest.length
    // Files of one project stay together, since they may share a worker.
    const projects = Map.groupBy(await super.sort(files), ({ project }) => project.name)
    return [...projects.values()].flatMap((own) => own.toSorted((a, b) => rank(a) - rank(b)))
  }
}

/** Processes that tests start find our modules compiled. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/node") }
/** No test is judged by how long it takes; a limit ends what hangs. */
const patient = { testTimeout: 600_000, hookTimeout: 600_000, env }

export default defineConfig({
  test: {
    // More than cores: tests wait more than they compute.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: { name: "unit", include: ["test/**/*.test.ts"], exclude: [...e2e, ...http], isolate: false, ...patient }
      },
      { test: { name: "http", include: http, exclude: e2e, ...patient } },
      { test: { name: "e2e", include: e2e, ...patient } }
    ]
  }
})
