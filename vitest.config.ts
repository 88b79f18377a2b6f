/**
 * Three sets of tests. `npm test` runs the first two, `npm run test:e2e` the third.
 *
 * - `unit`: in one process. Files share the modules of their worker, which saves loading Effect for each of them.
 * - `http`: the whole service over HTTP, each file in a process of its own, since metrics are one process's.
 * - `e2e`: what needs Java, Chromium or an installed package, what kills processes, and what takes long: trouble, bursts, thousands of deliveries.
 */
import { join } from "node:path"
import { defineConfig } from "vitest/config"

const e2e = [
  "test/e2e/aws/**/*.test.ts",
  "test/e2e/{AnyAnswer,Burst,GitHubTrouble,Hostile,Kill,Lifecycle,Operating,Soak,Starting}.test.ts",
  "test/flow/Figures.test.ts",
  "test/dashboard/browser/*.test.ts",
  "test/adapters/aws/dynamodb/DynamoTable.test.ts",
  "test/project/Package.test.ts"
]
const http = ["test/e2e/*.test.ts"]
/** Processes that tests start find our modules compiled; they wait more than they compute, so there are more workers than cores. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/node") }
/** No test is judged by how long it takes; a limit ends what hangs. */
const patient = { testTimeout: 300_000, hookTimeout: 300_000, env }

export default defineConfig({
  test: {
    maxWorkers: 3,
    projects: [
      {
        test: { name: "unit", include: ["test/**/*.test.ts"], exclude: [...e2e, ...http], isolate: false, ...patient }
      },
      { test: { name: "http", include: http, exclude: e2e, ...patient } },
      { test: { name: "e2e", include: e2e, ...patient } }
    ]
  }
})
