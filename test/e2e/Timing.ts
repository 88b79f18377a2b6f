/** How long things take in the end-to-end tests: long enough for a busy machine, short enough to wait for. */
import { Duration, Layer } from "effect"
import { Timing } from "../../src/flow/Settings.ts"

/** The sandbox lists a run as soon as it has started it; a request that it holds back for less than a lease is still found. */
export const quick = Layer.succeed(Timing, {
  lease: Duration.seconds(2),
  leaseMargin: Duration.millis(500),
  sendWithin: Duration.seconds(1),
  startTimeout: Duration.millis(1800),
  reportLease: Duration.seconds(2),
  visibleAfter: Duration.millis(500),
  reportEvery: Duration.millis(300),
  recheck: Duration.millis(100),
  backoff: Duration.millis(100),
  backoffCap: Duration.seconds(1)
})
