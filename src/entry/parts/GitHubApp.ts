/** GitHub as the App: what the stages after Receive ask. */
import { Layer } from "effect"
import * as App from "../../adapters/github/App.ts"
import * as Deliveries from "../../adapters/github/Deliveries.ts"
import * as GitHub from "../../adapters/github/GitHub.ts"
import type { Configuration } from "../Configuration.ts"

type Given = Pick<Configuration, "GITHUB_APP_ID" | "GITHUB_APP_SLUG" | "GITHUB_APP_PRIVATE_KEY" | "GITHUB_API_URL">

/** GitHub, as the App. */
export const layerGitHub = (configuration: Given) =>
  Layer.mergeAll(GitHub.layer, Deliveries.layer).pipe(
    Layer.provide(
      App.layer({
        id: configuration.GITHUB_APP_ID,
        slug: configuration.GITHUB_APP_SLUG,
        privateKey: configuration.GITHUB_APP_PRIVATE_KEY,
        apiUrl: configuration.GITHUB_API_URL
      })
    )
  )
