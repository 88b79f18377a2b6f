/**
 * Reads messages: JSON text, checked by a schema, since another version may have written it.
 *
 * While a deployment is under way, or after one was taken back, messages of the newer version meet the older one, which must not bury
 * them: they wait, longer with every attempt, for a version that reads them. What no version understands is buried at once.
 */
import { Duration, Predicate, Result, Schema } from "effect"

/** Version of the messages that are sent, and the only one that is understood. */
export const messageVersion = 1

/** Why a message cannot be read, and whether a newer version may be able to. */
export interface UnreadableMessage {
  readonly reason: string
  readonly isNewer: boolean
}
/** Reads a message's JSON text. */
export type Decode<A> = (body: string) => Result.Result<A, UnreadableMessage>

/** How long a message of a newer version waits: 15 seconds, doubled with every attempt up to 15 minutes. */
export const delayOfNewer = (attempt: number): Duration.Duration =>
  Duration.seconds(Math.min(15 * 2 ** (attempt - 1), 900))

/** Whether a message says that it is of a version after ours. */
const hasNewerVersion = (message: unknown): boolean =>
  Predicate.hasProperty(message, "version") &&
  Number.isInteger(message.version) &&
  Number(message.version) > messageVersion

const parse = (body: string): Result.Result<unknown, UnreadableMessage> =>
  Result.try({
    try: (): unknown => JSON.parse(body),
    catch: (cause) => ({ reason: `no JSON: ${cause}`, isNewer: false })
  })

/** The reader of what `schema` describes. */
export const messageDecoder = <A>(schema: Schema.Codec<A, unknown>, isNewer = hasNewerVersion): Decode<A> => {
  const decode = Schema.decodeUnknownResult(schema)
  return (body) =>
    Result.flatMap(parse(body), (json) =>
      Result.mapError(decode(json), ({ message }) => ({ reason: message, isNewer: isNewer(json) }))
    )
}
