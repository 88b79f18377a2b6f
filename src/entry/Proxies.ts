/** The way out through proxies, by the variables that other programs read, too, in capitals or small letters. */
import { readFileSync } from "node:fs"
import { rootCertificates } from "node:tls"
import { Config, Effect, Option, Redacted } from "effect"
import type { Proxies } from "../adapters/Proxies.ts"
import { variableProblem } from "./Typed.ts"

const eitherCase = (variable: string) =>
  Config.all([
    Config.option(Config.NonEmptyString(variable)),
    Config.option(Config.NonEmptyString(variable.toLowerCase()))
  ]).pipe(Config.map(([capitals, small]) => Option.getOrUndefined(Option.orElse(small, () => capitals))))

/** A proxy's address may hold a password. */
const proxy = (variable: string) =>
  eitherCase(variable).pipe(
    Config.mapEffect((text) => {
      if (text === undefined) return Effect.succeed(undefined)
      const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
      return URL.canParse(address) && /^https?:/i.test(address)
        ? Effect.succeed(Redacted.make(new URL(address).href, { label: variable }))
        : Effect.fail(variableProblem(variable, "Expected the http(s) address of a proxy"))
    })
  )

/** Node reads it when it starts only, which is too early for what stands in `.env`. */
const certificates = Config.option(Config.NonEmptyString("NODE_EXTRA_CA_CERTS")).pipe(
  Config.mapEffect(
    Option.match({
      onNone: () => Effect.succeed(undefined),
      onSome: (path) =>
        Effect.try({
          try: () => [...rootCertificates, readFileSync(path, "utf8")],
          catch: () => variableProblem("NODE_EXTRA_CA_CERTS", "Expected a file of certificates (PEM) that can be read")
        })
    })
  )
)

/** One `Config` for each variable. */
export const variables = {
  HTTPS_PROXY: proxy("HTTPS_PROXY"),
  HTTP_PROXY: proxy("HTTP_PROXY"),
  NO_PROXY: eitherCase("NO_PROXY"),
  NODE_EXTRA_CA_CERTS: certificates
} as const

/** Their values. */
export type ProxySettings = { readonly [Name in keyof typeof variables]: Config.Success<(typeof variables)[Name]> }

const open = (address: Redacted.Redacted | undefined) => (address === undefined ? undefined : Redacted.value(address))

/** The way out by these settings; without any straight on. */
export const proxiesOf = (settings: Partial<ProxySettings>): Proxies => ({
  httpsProxy: open(settings.HTTPS_PROXY),
  httpProxy: open(settings.HTTP_PROXY),
  noProxy: settings.NO_PROXY,
  ca: settings.NODE_EXTRA_CA_CERTS
})
