/**
 * The headers of every answer under `/admin`, also of errors: nothing loads from elsewhere, nothing is framed, nothing is disclosed to others, and
 * nothing is kept unless the answer says so.
 */
import { Effect } from "effect"
import { HttpEffect, HttpRouter, HttpServerResponse } from "effect/http"
import { isSecure } from "./Requests.ts"

/** Our own files and our own API; nothing inline, nothing from elsewhere. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'"
].join("; ")

/** Where an answer does not say otherwise itself. */
const unlessSaid = {
  "cache-control": "no-store",
  "content-security-policy": contentSecurityPolicy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
}

/**
 * For documents with forms: under `no-referrer` browsers post them with `Origin: null` (Fetch, "append a request `Origin` header"), which
 * could not be distinguished from a forgery. Other origins learn as little as under `no-referrer`.
 */
export const withForms = { "referrer-policy": "same-origin" }

/** For a year. Browsers heed it over TLS only. */
const overTls = { "strict-transport-security": "max-age=31536000" }

/** Puts the headers on whatever the routes answer, and on what is answered when they fail. `baseUrl`: as for Access. */
export const addSecurityHeaders = (baseUrl?: URL) =>
  HttpRouter.middleware((inner) =>
    HttpEffect.withPreResponseHandler(inner, (request, response) =>
      Effect.succeed(
        HttpServerResponse.setHeaders(response, {
          ...unlessSaid,
          ...(isSecure(request, baseUrl) ? overTls : {}),
          ...response.headers
        })
      )
    )
  )
