/**
 * Who the App is to GitHub, and what time it is there. Both are learned from GitHub, since a setting may be wrong, an App may be renamed,
 * and the clock of this machine may differ from GitHub's.
 */
import { Context, Duration, type Effect } from "effect"
import type { GitHubError } from "./GitHubError.ts"

/** What the App learns about itself from GitHub. */
export class GitHubApp extends Context.Service<
  GitHubApp,
  {
    /** The login of what the App creates: `<slug>[bot]` (`GET /app`). One request, once in a process. */
    readonly login: Effect.Effect<string, GitHubError>
    /**
     * GitHub's time in whole milliseconds since the epoch, right within {@link clockMargin}: the latest `Date` header and the monotonic time since.
     * One request (`GET /app`) where no answer was seen yet; none after that.
     */
    readonly now: Effect.Effect<number, GitHubError>
  }
>()("dispatcher/ports/GitHubApp") {}

/** How far {@link GitHubApp} may be off: `Date` has whole seconds, and an answer takes a moment. */
export const clockMargin = Duration.seconds(2)
