/** What the planner and the dashboard ask of GitHub: configs, and who the App is. */
import { Layer } from "effect"
import * as ConfigSource from "../../adapters/github/ConfigSource.ts"
import * as GitHubApp from "../../adapters/github/GitHubApp.ts"
import * as Installations from "../../adapters/github/Installations.ts"
import { type AppSettings, layerApp } from "../parts/GitHubApp.ts"

/** Configs, as the App sees them; and what it learns about itself. */
export const layerConfigs = (values: AppSettings) =>
  Layer.merge(ConfigSource.layer.pipe(Layer.provide(Installations.layer)), GitHubApp.layer).pipe(
    Layer.provide(layerApp(values))
  )
