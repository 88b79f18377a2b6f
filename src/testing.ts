/**
 * For tests: the ports in memory, a GitHub on loopback, and the contract suites that every layer of a port is held to. Needs the optional
 * peer dependencies `vitest` and `@effect/vitest`.
 *
 * @module dispatcher/testing
 */

// In memory.

/** What can go wrong with them, by script. */
export * as FaultScript from "./testing/FaultScript.ts"
/** Check runs, and what they show. */
export * as FakeChecks from "./testing/fakes/Checks.ts"
/** Configs of repositories. */
export * as FakeConfigSource from "./testing/fakes/ConfigSource.ts"
/** GitHub's log of deliveries. */
export * as FakeDeliveries from "./testing/fakes/Deliveries.ts"
/** The fact bus, and what was published on it. */
export * as FakeFactBus from "./testing/fakes/FactBus.ts"
/** The script around the ports in memory. */
export * as Faults from "./testing/fakes/Faults.ts"
/** The App. */
export * as FakeGitHubApp from "./testing/fakes/GitHubApp.ts"
/** All ports in memory. */
export * as Memory from "./testing/fakes/Memory.ts"
/** The queues. */
export * as FakeQueues from "./testing/fakes/Queues.ts"
/** Issues, and what was written to them. */
export * as FakeReports from "./testing/fakes/Reports.ts"
/** The Table. */
export * as FakeTable from "./testing/fakes/Table.ts"
/** Workflows, and what was started. */
export * as FakeWorkflows from "./testing/fakes/Workflows.ts"

// A GitHub on loopback: real HTTP, GitHub’s answers.

/** What can go wrong with its requests. */
export * as Fault from "./sandbox/Fault.ts"
/** The server, and what a test may do to it. */
export * as Sandbox from "./sandbox/Sandbox.ts"
/** What it holds when it starts. */
export * as Scenario from "./sandbox/Scenario.ts"

// One contract for each port.

/** What every layer of Checks keeps to. */
export * as ChecksContract from "./testing/contracts/Checks.ts"
/** What every layer of ConfigSource keeps to. */
export * as ConfigSourceContract from "./testing/contracts/ConfigSource.ts"
/** What every layer of FactBus keeps to. */
export * as FactBusContract from "./testing/contracts/FactBus.ts"
/** What every QueueStore keeps to. */
export * as QueueStoreContract from "./testing/contracts/QueueStore.ts"
/** What the WorkQueue's contract needs of a queue. */
export * as QueueUnderTest from "./testing/contracts/QueueUnderTest.ts"
/** What every layer of Reports keeps to. */
export * as ReportsContract from "./testing/contracts/Reports.ts"
/** What every layer of Table keeps to. */
export * as TableContract from "./testing/contracts/Table.ts"
/** How contracts let time pass. */
export * as Time from "./testing/contracts/Time.ts"
/** What every layer of Workflows keeps to. */
export * as WorkflowsContract from "./testing/contracts/Workflows.ts"
/** What every WorkQueue keeps to. */
export * as WorkQueueContract from "./testing/contracts/WorkQueue.ts"
