/** The way out of the process: which proxies requests go through, and whom they trust. Apart from what sends them, so that it loads nothing. */
import { Context } from "effect"

/** Through which proxies requests go, and whom they trust. */
export interface Proxies {
  /** For `http:` addresses, and for `https:` ones where there is no other. */
  readonly httpProxy?: string | undefined
  readonly httpsProxy?: string | undefined
  /** Hosts that need no proxy, by commas; `*` for all. */
  readonly noProxy?: string | undefined
  /** All certificates to trust, as PEM; those of Node unless given. */
  readonly ca?: ReadonlyArray<string> | undefined
}

/** The proxies of this process; none unless given. */
export const Proxies = Context.Reference<Proxies>("dispatcher/adapters/Proxies", { defaultValue: () => ({}) })

/**
 * What Node's own agents take, since Node 24.5: proxies by the names of their variables. For what must not load `undici`, which is half of a
 * small function.
 * https://nodejs.org/api/http.html#built-in-proxy-support
 */
export const nodeAgentOptions = ({ httpProxy, httpsProxy, noProxy, ca }: Proxies) => {
  const env = { HTTP_PROXY: httpProxy, HTTPS_PROXY: httpsProxy ?? httpProxy, NO_PROXY: noProxy }
  const proxyEnv = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined))
  return { proxyEnv, ...(ca === undefined ? {} : { ca: [...ca] }) }
}
