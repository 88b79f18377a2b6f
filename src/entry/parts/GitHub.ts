/** GitHub as the App: all that is asked of it. */
import { Layer } from "effect"
import * as Deliveries from "../../adapters/github/Deliveries.ts"
import * as GitHub from "../../adapters/github/GitHub.ts"
import { type AppSettings, layerApp } from "./GitHubApp.ts"

/** GitHub, as the App. */
export const layerGitHub = (settings: AppSettings) =>
  Layer.mergeAll(GitHub.layer, Deliveries.layer).pipe(Layer.provide(layerApp(settings)))
