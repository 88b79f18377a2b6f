#!/usr/bin/env node
/**
 * `dispatcher`: the command line, for people who write `dispatching.yml` and for those who run the service. Each command is a file of its
 * own, listed in `cli/Commands.ts`. `.env` of the current folder counts, after the environment.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Runtime } from "effect"
import { Command } from "effect/cli"
import packageJson from "../../package.json" with { type: "json" }
import { commandsFor } from "./cli/Commands.ts"
import { loadDotEnv } from "./cli/Environment.ts"
import { layerPresenter, teardown } from "./cli/Failures.ts"
import { layerLog } from "./cli/Terminal.ts"

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
  Command.withSubcommands(await commandsFor(process.argv[2])),
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
