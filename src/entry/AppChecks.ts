/** What a start asks GitHub about the App, beside everything else: what is found is a warning and holds nothing up. */
import { Effect } from "effect"
import { isPublic } from "../adapters/github/GitHubApp.ts"
import { GitHubApp } from "../ports/GitHubApp.ts"
import type { Configuration } from "./Configuration.ts"

type Settings = Pick<Configuration, "GITHUB_APP_SLUG" | "SOURCE_REPO_ALLOWLIST">

/** Warns where the App is called otherwise than GITHUB_APP_SLUG says, and where anybody may install it and be a source. Cost: 2 requests. */
export const checkApp = Effect.fn("checkApp")(
  function* ({ GITHUB_APP_SLUG: slug, SOURCE_REPO_ALLOWLIST: sources }: Settings) {
    const app = yield* GitHubApp
    const name = (yield* app.login).replace(/\[bot\]$/, "")
    if (slug !== undefined && slug.toLowerCase() !== name.toLowerCase()) {
      yield* Effect.logWarning(`GitHub calls the App ${name}, not ${slug} (GITHUB_APP_SLUG)`)
    }
    if (sources === undefined && (yield* isPublic(name))) {
      yield* Effect.logWarning(
        "The App is public: every account that installs it is a source. SOURCE_REPO_ALLOWLIST names those that may be"
      )
    }
  },
  Effect.catch((error) => Effect.logWarning("GitHub could not be asked about the App", { reason: error.message }))
)
