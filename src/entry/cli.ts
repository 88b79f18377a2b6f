#!/usr/bin/env node
/**
 * `dispatcher`: the command line, for people who write `dispatching.yml` and for those who run the service. Each command is a file of its
 * own; this one puts them together. `.env` of the current folder counts, after the environment.
 */
import { existsSync } from "node:fs"
import { loadEnvFile } from "node:process"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { Command } from "effect/cli"
import packageJson from "../../package.json" with { type: "json" }
import * as Doctor from "./cli/Doctor.ts"
import * as Events from "./cli/Events.ts"
import * as Explain from "./cli/Explain.ts"
import { teardown } from "./cli/Failures.ts"
import { journeyCommand, replayCommand } from "./cli/Journey.ts"
import * as Redeliver from "./cli/Redeliver.ts"
import * as Schema from "./cli/Schema.ts"
import * as Send from "./cli/Send.ts"
import * as Setup from "./cli/Setup.ts"
import * as Validate from "./cli/Validate.ts"

if (existsSync(".env")) loadEnvFile(".env")

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
    Events.command,
    Setup.command,
    Doctor.command
  ])
)

NodeRuntime.runMain(
  Command.run(dispatcher, { version: packageJson.version }).pipe(Effect.provide(NodeServices.layer)),
  { teardown }
)
