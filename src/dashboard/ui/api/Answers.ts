/** Everything that the page asks for or is refused with, by the name of its decoder in `Decoders.ts`. */
import type {
  Choices,
  DeliveryPage,
  EventPage,
  FoundPage,
  Health,
  Leaderboard,
  Trend
} from "../../../domain/Answers.ts"
import type { ChainView } from "../../../domain/Chain.ts"
import type { Explanation } from "../../../domain/Explanation.ts"
import type { ConnectionPage, Neighbours } from "../../../domain/Topology.ts"
import type { Replayed } from "../../api/Commands.ts"
import type { UnsupportedFilters } from "../../api/Errors.ts"
import type { JourneyView, Sent } from "./Sent.ts"

/** What is decoded. `scripts/build-decoders.ts` has the schema of each. */
export interface SentAnswers {
  readonly health: Sent<Health>
  readonly trend: Sent<Trend>
  readonly leaderboard: Sent<Leaderboard>
  readonly choices: Sent<Choices>
  readonly deliveryPage: Sent<typeof DeliveryPage.Type>
  readonly eventPage: Sent<typeof EventPage.Type>
  readonly foundPage: Sent<typeof FoundPage.Type>
  readonly journey: JourneyView
  readonly chain: Sent<ChainView>
  readonly connectionPage: Sent<typeof ConnectionPage.Type>
  readonly neighbours: Sent<Neighbours>
  readonly explanation: Sent<Explanation>
  readonly replayed: Sent<typeof Replayed.Type>
  readonly unsupported: Sent<typeof UnsupportedFilters.Encoded>
}
