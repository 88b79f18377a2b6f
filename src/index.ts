/**
 * The dispatcher for other tools: the rules, the ports, what is kept over them, and the flow. Loads no SDK and no server; layers for the
 * ports are in `dispatcher/github`, `dispatcher/aws`, `dispatcher/local` and, for tests, in `dispatcher/testing`.
 *
 * A namespace is a file of the source, named after its concept: `Order.Order` is an order, `Ledger.layer` the ledger's layer. Stages end in
 * `Stage`, because `Plan` is what `PlanStage` makes.
 *
 * @module dispatcher
 */

// The rules: pure, and the same for every caller.

/** What the dashboard and its API show. */
export * as Answers from "./domain/Answers.ts"
/** What a target's own rules say about a candidate. */
export * as Authorization from "./domain/Authorization.ts"
/** What is shown of a chain: all runs that descend from one source run, each with what became of its targets. */
export * as Chain from "./domain/Chain.ts"
/** What a check run on the source commit shows. */
export * as CheckRun from "./domain/CheckRun.ts"
/** What a `dispatching.yml` says once it is read, and what a repository may answer when it is asked for its own. */
export * as Config from "./domain/Config.ts"
/** Reads a `dispatching.yml`, or says with line, key and expectation what is wrong with it. */
export * as ConfigFile from "./domain/ConfigFile.ts"
/** The JSON Schema of `dispatching.yml`, for editors and other validators. */
export * as ConfigJsonSchema from "./domain/ConfigJsonSchema.ts"
/** Whether a target may be started, with all that was looked at, and what a source's rules leave to be asked of targets. */
export * as Decision from "./domain/Decision.ts"
/** Why a target may not be started: stable codes, and a sentence that a person can act on. */
export * as Denial from "./domain/Denial.ts"
/** What would become of a run that has not happened. */
export * as Explanation from "./domain/Explanation.ts"
/** What happened, as CloudEvents. */
export * as Fact from "./domain/Fact.ts"
/** What a source's own rules say about a run. */
export * as Matching from "./domain/Matching.ts"
/** Names of repositories and workflow files, which compare without case. */
export * as Names from "./domain/Names.ts"
/** One allowed target of one plan: the unit of dispatch work. */
export * as Order from "./domain/Order.ts"
/** How an order ended. */
export * as Outcome from "./domain/Outcome.ts"
/** Patterns of branches, refs and repositories, with `*` and `**`. */
export * as Pattern from "./domain/Pattern.ts"
/** All decisions for one source run. */
export * as Plan from "./domain/Plan.ts"
/** From matched rules and their targets' answers to decisions and orders. */
export * as Planning from "./domain/Planning.ts"
/** What the operator decides for all repositories. */
export * as Policy from "./domain/Policy.ts"
/** What a source repository reads of its runs. */
export * as Report from "./domain/Report.ts"
/** What figures are about: everything, a repository, a workflow, a version. */
export * as Scope from "./domain/Scope.ts"
/** Which repository and owner, by GitHub's ids, a name stood for when it was first let in. */
export * as SourceIdentity from "./domain/SourceIdentity.ts"
/** The completed workflow run that everything starts with. */
export * as SourceRun from "./domain/SourceRun.ts"
/** Where each target of a run stands, as its source may know it. */
export * as TargetStanding from "./domain/TargetStanding.ts"
/** Inputs with variables, such as `{{ source.sha }}`. */
export * as Template from "./domain/Template.ts"
/** Who starts whom: connections from a source workflow to a target workflow, as they are answered. */
export * as Topology from "./domain/Topology.ts"
/** Reads GitHub's `workflow_run` payload. */
export * as WorkflowRunEvent from "./domain/WorkflowRunEvent.ts"

// The stages, their settings, and what else can be done with them.

/** What Dispatch needs to ask both sides again about an order that waited. */
export * as Consent from "./flow/Consent.ts"
/** From an order to a started workflow, exactly once. */
export * as DispatchStage from "./flow/Dispatch.ts"
/** The decisions about a run that has not happened. */
export * as Explain from "./flow/Explain.ts"
/** What carries facts to Record. */
export * as FactMessages from "./flow/FactMessages.ts"
/** From a run to a plan and its orders. */
export * as PlanStage from "./flow/Plan.ts"
/** The queues between the stages, and their messages. */
export * as Queues from "./flow/Queues.ts"
/** From a webhook request of GitHub to stored work. */
export * as ReceiveStage from "./flow/Receive.ts"
/** Facts into the event log and the read models. */
export * as RecordStage from "./flow/Record.ts"
/** Has a delivery planned again. */
export * as Replay from "./flow/Replay.ts"
/** Reports to the source repository what became of a run. */
export * as ReportStage from "./flow/Report.ts"
/** Brings figures, rankings and health up to date. */
export * as RollupStage from "./flow/Rollup.ts"
/** How the stages are to behave. */
export * as Settings from "./flow/Settings.ts"
/** Notices when the webhook secret is not the App's. */
export * as SignatureWatch from "./flow/SignatureWatch.ts"
/** The shape of the stages that handle messages of a queue. */
export * as Stage from "./flow/Stage.ts"
/** Has GitHub redeliver what did not arrive. */
export * as Sweep from "./flow/Sweep.ts"

// The ports: what the flow needs from the world.

/** What writes and queries mean, for an own layer of the Table. */
export * as TableRules from "./adapters/TableRules.ts"
/** What alarms watch. */
export * as AlarmMetrics from "./ports/AlarmMetrics.ts"
/** Check runs on commits of a source repository. */
export * as Checks from "./ports/Checks.ts"
/** Reads `dispatching.yml` from the default branches of repositories. */
export * as ConfigSource from "./ports/ConfigSource.ts"
/** GitHub's own log of what it delivered. */
export * as Deliveries from "./ports/Deliveries.ts"
/** Where stages publish what happened. */
export * as FactBus from "./ports/FactBus.ts"
/** Who the App is to GitHub, and what time it is there. */
export * as GitHubApp from "./ports/GitHubApp.ts"
/** What can go wrong when GitHub is asked. */
export * as GitHubError from "./ports/GitHubError.ts"
/** A value from outside that may change while the process runs, such as a secret. */
export * as Renewed from "./ports/Renewed.ts"
/** Issues in a source repository. */
export * as Reports from "./ports/Reports.ts"
/** What GitHub asks one process to wait, for all that share it. */
export * as SharedLimits from "./ports/SharedLimits.ts"
/** Where things are kept: a partitioned key-value table. */
export * as Table from "./ports/Table.ts"
/** Starts workflows, and finds what was started. */
export * as Workflows from "./ports/Workflows.ts"
/** Work between stages, at least once. */
export * as WorkQueue from "./ports/WorkQueue.ts"
/** Lets one message be in hand alone, of all queues that share it. */
export * as HandlingGate from "./queue/HandlingGate.ts"
/** A WorkQueue over a storage that hands out nothing by itself. */
export * as QueueFromStore from "./queue/QueueFromStore.ts"
/** What such a storage has to do. */
export * as QueueStore from "./queue/QueueStore.ts"

// What is kept, written once over the Table.

/** What was accepted, planned, claimed, settled and reported: what makes "exactly once" true. */
export * as Ledger from "./ledger/Ledger.ts"
/** Which deliveries have been asked for again. */
export * as Redeliveries from "./ledger/Redeliveries.ts"
/** `SharedLimits` on the table. */
export * as SharedLimitsLedger from "./ledger/SharedLimits.ts"

// What the dashboard shows, folded from facts.

/** What the dashboard may read. */
export * as DashboardQueries from "./readmodel/DashboardQueries.ts"
/** The queries over a Table. */
export * as Queries from "./readmodel/Queries.ts"
/** Records facts. */
export * as Recorder from "./readmodel/Recorder.ts"
/** How long things are kept. */
export * as Retention from "./readmodel/Retention.ts"
