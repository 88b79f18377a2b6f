/** Who we are to GitHub. */
import * as App from "../../adapters/github/App.ts"
import type { Configuration } from "../Configuration.ts"

/** What makes the App. */
export type AppSettings = Pick<
  Configuration,
  "GITHUB_APP_ID" | "GITHUB_APP_SLUG" | "GITHUB_APP_PRIVATE_KEY" | "GITHUB_API_URL"
>

/** The App. */
export const layerApp = (settings: AppSettings) =>
  App.layer({
    id: settings.GITHUB_APP_ID,
    slug: settings.GITHUB_APP_SLUG,
    privateKey: settings.GITHUB_APP_PRIVATE_KEY,
    apiUrl: settings.GITHUB_API_URL
  })
