/**
 * Receives deliveries through a channel of smee.io and posts them to the service here, with `smee-client`: for developers whom GitHub cannot
 * reach. What the client leaves to its users is done here: a channel that answered with an error is opened again, and a delivery waits
 * for a service that is just being started again, as GitHub has its 2xx from the channel and will not send it twice.
 *
 * The channel gives the body parsed, so it arrives written anew, as JavaScript writes JSON. GitHub writes the same; where a payload came
 * otherwise, its signature cannot fit, and the 401 says so.
 */
import { Effect, Schedule } from "effect"
import { SmeeClient } from "smee-client"

/** How often a lost channel is opened again. */
const reopening = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("10 seconds")])
/** How long a delivery waits for the service. */
const tries = 20
const pause = 500

const refused =
  "the service refuses a delivery (401): either GITHUB_WEBHOOK_SECRET is not the App's, or the channel does not pass the payload on as GitHub wrote it"

/** The client's words, as log records. */
const logger = Effect.map(Effect.context<never>(), (services) => {
  const run = Effect.runSyncWith(services)
  return {
    info: (said: unknown) => run(String(said).endsWith(" - 401") ? Effect.logWarning(refused) : Effect.logInfo(said)),
    error: (said: unknown) => run(Effect.logWarning(said instanceof Error ? said.message : String(said)))
  }
})

/** As `fetch`, but patient with a service that does not listen yet. No proxy is in between: `dispatcher` is one. */
const fetchPatiently = async (url: URL, { dispatcher: _, ...init }: RequestInit & { dispatcher?: unknown }) => {
  for (let left = tries; ; left--) {
    try {
      return await fetch(url, init)
    } catch (error) {
      if (left === 1) throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
}

/** Holds the channel open until it is closed for good: by an error that `EventSource` does not get over. */
const relay = Effect.fnUntraced(function* (channel: string, target: string) {
  const client = yield* Effect.acquireRelease(
    Effect.map(logger, (words) => new SmeeClient({ source: channel, target, logger: words, fetch: fetchFor(target) })),
    (opened) => Effect.promise(() => opened.stop())
  )
  const events = yield* Effect.tryPromise(() => client.start())
  return yield* Effect.callback<never, "closed">((resume) => {
    events.addEventListener("error", () => {
      if (events.readyState === events.CLOSED) resume(Effect.fail("closed"))
    })
  })
}, Effect.scoped)

/** Deliveries go to the target patiently; the channel is reached as the client does it. */
const fetchFor = (target: string) => (url: URL | string, init: RequestInit) =>
  String(url).startsWith(target) ? fetchPatiently(new URL(url), init) : fetch(url, init)

/** Relays from the channel to the service, for ever. */
export const relayAll = (channel: string, target: string) =>
  relay(channel, target).pipe(
    Effect.tapError(() => Effect.logWarning("the webhook proxy's channel is opened again")),
    Effect.retry(reopening)
  )
