/** What the planner and the dashboard ask of GitHub: configs. */
import { Layer } from "effect"
import * as ConfigSource from "../../adapters/github/ConfigSource.ts"
import * as Installations from "../../adapters/github/Installations.ts"
import { type AppSettings, layerApp } from "../parts/GitHubApp.ts"

/** Configs, as the App sees them. */
export const layerConfigs = (values: AppSettings) =>
  ConfigSource.layer.pipe(Layer.provide(Installations.layer), Layer.provide(layerApp(values)))
