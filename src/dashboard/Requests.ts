/** What a request says of where it comes from. */
import { Option } from "effect"
import { HttpServerRequest } from "effect/http"

type Request = HttpServerRequest.HttpServerRequest

/**
 * The address of the client: the peer of the connection. Behind a proxy, effect's `HttpMiddleware.xForwardedHeaders` makes it the client's;
 * a forwarding header that no proxy vouches for is not believed, or a client could have any number of addresses.
 */
export const clientAddress = ({ remoteAddress }: Request): string => Option.getOrElse(remoteAddress, () => "unknown")

/** Whether the browser speaks TLS, to us or to the proxy before us. Who lies about it harms his own cookie only. */
export const isSecure = (request: Request, baseUrl?: URL): boolean => {
  const [forwarded] = (request.headers["x-forwarded-proto"] ?? "").split(",")
  return (
    baseUrl?.protocol === "https:" ||
    forwarded?.trim().toLowerCase() === "https" ||
    Option.exists(HttpServerRequest.toURL(request), ({ protocol }) => protocol === "https:")
  )
}

const hostOf = ({ headers, originalUrl }: Request, baseUrl: URL | undefined): string | undefined =>
  baseUrl?.host ?? headers.host ?? (URL.canParse(originalUrl) ? new URL(originalUrl).host : undefined)

/**
 * Whether a request was not made by a page of another origin.
 *
 * Browsers of today say so themselves in `Sec-Fetch-Site`, which no page can forge; where they do not (plain HTTP, older browsers), `Origin`
 * must name our host. What has neither header comes from no browser that could be tricked. (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/)
 */
export const isFromUs = (request: Request, baseUrl?: URL): boolean => {
  const site = request.headers["sec-fetch-site"]
  if (site !== undefined) return site === "same-origin"
  const { origin } = request.headers
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === hostOf(request, baseUrl)
}

/** Where the page is; every other address is under it. */
export const home = "/admin"

/**
 * Where to go after signing in: `text` if it is a path of the dashboard, otherwise the dashboard itself.
 *
 * It is parsed as browsers do, and what was parsed is used, so that no other reading of it (`//host`, `\\host`, `..`) leads elsewhere.
 */
export const localPath = (text: string | ReadonlyArray<string> | undefined): string => {
  const base = "http://dashboard.invalid"
  if (typeof text !== "string" || !URL.canParse(text, base)) return home
  const { origin, pathname, search, hash } = new URL(text, base)
  const isOurs = origin === base && (pathname === home || pathname.startsWith(`${home}/`))
  return isOurs ? `${pathname}${search}${hash}` : home
}
