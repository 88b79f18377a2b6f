#!/usr/bin/env node
/**
 * `dispatcher`: the command line, for people who write `dispatching.yml` and for those who run the service. Each command is a file of its
 * own; this one puts them together. `.env` of the current folder counts, after the environment.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Runtime } from "effect"
import { Command } from "effect/cli"
import packageJson from "../../package.json" with { type: "json" }
import * as Chain from "./cli/Chain.ts"
import * as DeadLetters from "./cli/DeadLetters.ts"
import * as Doctor from "./cli/Doctor.ts"
import { loadDotEnv } from "./cli/Environment.ts"
import * as Events from "./cli/Events.ts"
import * as Explain from "./cli/Explain.ts"
import { layerPresenter, teardown } from "./cli/Failures.ts"
import { journeyCommand, replayCommand } from "./cli/Journey.ts"
import * as Rebuild from "./cli/Rebuild.ts"
import * as Redeliver from "./cli/Redeliver.ts"
import * as Schema from "./cli/Schema.ts"
import * as Send from "./cli/Send.ts"
import * as Setup from "./cli/Setup.ts"
import { layerLog } from "./cli/Terminal.ts"
import * as Topology from "./cli/Topology.ts"
import * as Validate from "./cli/Validate.ts"

loadDotEnv()

// The reader may have had enough, as `head` has: the end that SIGPIPE gives other programs.
process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
  if (code === "EPIPE") process.exit(141)
  process.stderr.write(`The results cannot be written: ${message}\n`)
  process.exit(1)
})

const dispatcher = Command.make("dispatcher").pipe(
  Command.withDescription(
    "Starts workflows in other repositories when a workflow run completes, where both sides agree"
  ),
  Command.withSubcommands([
    Validate.command,
    Explain.command,
    Schema.command,
    Send.command,
    Redeliver.command,
    journeyCommand,
    replayCommand,
    Chain.command,
    Topology.command,
    DeadLetters.command,
    Events.command,
    Rebuild.command,
    Setup.command,
    Doctor.command
  ]),
  Command.withExamples([
    {
      command: "dispatcher --completions bash >> ~/.bashrc",
      description: "Complete commands, flags and files with Tab"
    }
  ])
)

/** A mistake of ours; what is expected to go wrong has been said in a sentence. */
const reportDefect = (cause: Cause.Cause<unknown>) =>
  !Cause.hasInterruptsOnly(cause) && Runtime.getErrorReported(Cause.squash(cause))
    ? Effect.logError(cause)
    : Effect.void

NodeRuntime.runMain(
  Command.run(dispatcher, { version: packageJson.version }).pipe(
    Effect.tapCause(reportDefect),
    Effect.provide([NodeServices.layer, layerPresenter, layerLog])
  ),
  { teardown, disableErrorReporting: true }
)
