/**
 * Shorter waits for the real server (soakedServer.ts). Each is in about the proportion to the
 * others that the real ones have. Clocks differ by more of them than in earnest, since GitHub's `Date` has whole seconds all the same.
 */
import { Duration } from "effect"
import { Timing } from "../../src/flow/Settings.ts"

/** The waits. What GitHub does late in a soak (GitHubFaults.ts) ends within `visibleAfter` less what clocks may differ by. */
export const waits: Timing = {
  lease: Duration.seconds(2),
  leaseMargin: Duration.millis(500),
  sendWithin: Duration.seconds(1),
  startTimeout: Duration.millis(1800),
  visibleAfter: Duration.millis(3500),
  reportLease: Duration.seconds(4),
  checkAfter: Duration.millis(300),
  reportEvery: Duration.millis(300),
  recheck: Duration.millis(300),
  backoff: Duration.millis(200),
  backoffCap: Duration.seconds(2)
}

Object.defineProperty(Timing, "defaultValue", { value: () => waits })
