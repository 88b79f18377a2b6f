/** All ports that GitHub is behind, over the App's settings. */
import { Layer } from "effect"
import type { Checks } from "../../ports/Checks.ts"
import type { ConfigSource } from "../../ports/ConfigSource.ts"
import type { GitHubApp } from "../../ports/GitHubApp.ts"
import type { Reports } from "../../ports/Reports.ts"
import type { Workflows } from "../../ports/Workflows.ts"
import type { App } from "./App.ts"
import * as GitHubChecks from "./Checks.ts"
import * as GitHubConfigSource from "./ConfigSource.ts"
import * as GitHubGitHubApp from "./GitHubApp.ts"
import * as Installations from "./Installations.ts"
import * as GitHubReports from "./Reports.ts"
import * as GitHubWorkflows from "./Workflows.ts"

/** The ports share installations (their tokens, their turns and what GitHub asks them to wait), and what GitHub says of the App. */
export const layer: Layer.Layer<Checks | ConfigSource | GitHubApp | Reports | Workflows, never, App> = Layer.mergeAll(
  GitHubChecks.layer,
  GitHubConfigSource.layer,
  GitHubReports.layer,
  GitHubWorkflows.layer
).pipe(Layer.provide(Installations.layer), Layer.provideMerge(GitHubGitHubApp.layer))
