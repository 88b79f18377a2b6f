/** HTTP as commands speak it: addresses as people give them, where the service here listens, and why no answer comes. */
import { Effect, Schema } from "effect"
import { variables } from "../Configuration.ts"
import { environment } from "./Environment.ts"

/** An http(s) address, as text. */
export const HttpAddress = Schema.String.check(
  Schema.makeFilter((text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    expected: "an address that begins with http:// or https://"
  })
)

/** Where the service of this environment listens: `http://HOST:PORT`. */
export const ownOrigin = Effect.map(
  environment({ HOST: variables.HOST, PORT: variables.PORT }),
  ({ HOST, PORT }) => `http://${HOST.includes(":") ? `[${HOST}]` : HOST}:${PORT}`
)

/** What is behind an error: an HTTP client's keeps its cause in its reason, and one of several addresses stands for all. */
const behind = (error: Error): unknown => {
  if ("reason" in error && error.reason instanceof Error) return error.reason.cause
  return error instanceof AggregateError ? error.errors[0] : error.cause
}

/** The innermost message: "connect ECONNREFUSED …", where the outer ones say that a fetch failed. */
export const innermost = (error: Error): string => {
  const cause = behind(error)
  return cause instanceof Error ? innermost(cause) : error.message
}
