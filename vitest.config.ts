/**
 * Three sets of tests. `npm test` runs the first two, `npm run test:e2e` the third.
 *
 * - `unit`: in one process. Files share the modules of their worker, which saves loading Effect for each of them.
 * - `http`: the whole service over HTTP, in processes of their own where metrics of one process are counted.
 * - `e2e`: what needs Java, Chromium or an installed package, and what kills processes.
 */
import { defineConfig } from "vitest/config"

const e2e = [
  "test/e2e/aws/**/*.test.ts",
  "test/e2e/{Kill,Lifecycle,Soak,Starting}.test.ts",
  "test/dashboard/browser/*.test.ts",
  "test/adapters/aws/dynamodb/DynamoTable.test.ts",
  "test/project/Package.test.ts"
]
const http = ["test/e2e/*.test.ts"]
const patient = { testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: { name: "unit", include: ["test/**/*.test.ts"], exclude: [...e2e, ...http], isolate: false, ...patient }
      },
      { test: { name: "http", include: http, exclude: e2e, ...patient } },
      { test: { name: "e2e", include: e2e, ...patient } }
    ]
  }
})
