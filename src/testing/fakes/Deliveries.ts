/** GitHub's log of deliveries in memory. */
import { Layer, Stream } from "effect"
import { Deliveries, type DeliveryAttempt } from "../../ports/Deliveries.ts"

/** A log in memory in one page, which `log` holds newest first; `others` do the rest, or stand in for the log. */
export const layerMemory = (
  log: () => ReadonlyArray<DeliveryAttempt>,
  others: Pick<Deliveries["Service"], "redeliver" | "content"> & Partial<Deliveries["Service"]>
): Layer.Layer<Deliveries> =>
  Layer.succeed(Deliveries, {
    pages: (since) =>
      Stream.suspend(() =>
        Stream.succeed({ attempts: log().filter(({ at }) => at >= since), unreadable: [], next: undefined })
      ),
    ...others
  })
