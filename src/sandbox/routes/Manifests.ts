/**
 * Registering an App from a manifest: the page that a browser posts it to (here without a confirmation), and the code's conversion.
 * https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */
import { randomBytes } from "node:crypto"
import { Effect, Option, Schema } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { json, notFound, unprocessable } from "../Answer.ts"
import { endpoint, pathParam, queryParameter } from "../Endpoint.ts"
import { State } from "../State.ts"

const Manifest = Schema.Struct({
  url: Schema.String,
  redirect_url: Schema.String,
  hook_attributes: Schema.Struct({ url: Schema.String }),
  default_permissions: Schema.Record(Schema.String, Schema.Literals(["read", "write"])),
  default_events: Schema.Array(Schema.String)
})
const decodeManifest = Schema.decodeUnknownOption(Schema.fromJsonString(Manifest))

/** Codes that were given out; each is good once. */
const makeCodes = Effect.sync(() => new Set<string>())

const register = (codes: Set<string>) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const text = yield* Effect.mapError(request.text, () => unprocessable("Problems parsing the form"))
    const manifest = decodeManifest(new URLSearchParams(text).get("manifest"))
    if (Option.isNone(manifest)) return yield* unprocessable("Invalid GitHub App configuration")
    const state = yield* State
    state.webhookUrl = manifest.value.hook_attributes.url
    const code = randomBytes(20).toString("hex")
    codes.add(code)
    const back = new URL(manifest.value.redirect_url)
    back.searchParams.set("code", code)
    back.searchParams.set("state", (yield* queryParameter).get("state") ?? "")
    return HttpServerResponse.redirect(back.href, { status: 302 })
  })

const convert = (codes: Set<string>) =>
  Effect.gen(function* () {
    if (!codes.delete(yield* pathParam("code"))) return yield* notFound("apps/apps#create-a-github-app-from-a-manifest")
    const { app, url } = yield* State
    return json(
      {
        id: app.id,
        slug: app.slug,
        pem: app.privateKeyPem,
        webhook_secret: app.webhookSecret,
        html_url: `${url}/apps/${app.slug}`
      },
      { status: 201 }
    )
  })

/** The routes of this file. */
export const layer = HttpRouter.addAll(
  Effect.map(makeCodes, (codes) => [
    endpoint("POST", "/settings/apps/new", register(codes)),
    endpoint("POST", "/organizations/:org/settings/apps/new", register(codes)),
    endpoint("POST", "/app-manifests/:code/conversions", convert(codes))
  ])
)
