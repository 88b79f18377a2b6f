/** Who we are to GitHub, and the way there. */
import { Layer } from "effect"
import * as App from "../../adapters/github/App.ts"
import * as Fetch from "../../adapters/github/Fetch.ts"
import type { Configuration } from "../Configuration.ts"
import { type ProxySettings, proxiesOf } from "./Proxies.ts"

/** What makes the App. */
export type AppSettings = Pick<Configuration, "GITHUB_APP_ID" | "GITHUB_APP_PRIVATE_KEY" | "GITHUB_API_URL"> &
  Partial<ProxySettings>

/** The App, whose requests go through the proxies that are set. */
export const layerApp = (settings: AppSettings) =>
  Layer.merge(
    App.layer({
      id: settings.GITHUB_APP_ID,
      privateKey: settings.GITHUB_APP_PRIVATE_KEY,
      apiUrl: settings.GITHUB_API_URL
    }),
    Fetch.layer(proxiesOf(settings))
  )
