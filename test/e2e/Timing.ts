/** How long things take in the end-to-end tests. */
import { Duration, Layer } from "effect"
import { Timing } from "../../src/flow/Settings.ts"

/** Short enough to wait until a lease ends. The sandbox lists a run as soon as it has started it; a request that it holds back for less than a lease is still found. */
const short: Timing = {
  lease: Duration.seconds(2),
  leaseMargin: Duration.millis(500),
  sendWithin: Duration.seconds(1),
  startTimeout: Duration.millis(1800),
  reportLease: Duration.seconds(2),
  visibleAfter: Duration.millis(500),
  checkAfter: Duration.millis(300),
  reportEvery: Duration.millis(300),
  recheck: Duration.millis(100),
  backoff: Duration.millis(100),
  backoffCap: Duration.seconds(1)
}
export const quick = Layer.succeed(Timing, short)

/** Where GitHub gives every answer: no request is given up, however busy the machine is, so that requests can be counted. */
export const calm = Layer.succeed(Timing, {
  ...short,
  lease: Duration.minutes(5),
  sendWithin: Duration.minutes(3),
  startTimeout: Duration.minutes(4),
  reportLease: Duration.minutes(5)
})
