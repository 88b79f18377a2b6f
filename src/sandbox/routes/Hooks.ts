/**
 * The App's webhook: where it goes, what was delivered, and sending a delivery again.
 * https://docs.github.com/en/rest/apps/webhooks
 */
import type { RestEndpointMethodTypes } from "@octokit/rest"
import { Effect, Option, Schema, type Scope } from "effect"
import { HttpRouter } from "effect/http"
import { json, jsonBody, notFound, validationFailed } from "../Answer.ts"
import { bodyObject, checkBody } from "../Body.ts"
import { requireApp } from "../Caller.ts"
import { endpoint, pathParam, queryParameter } from "../Endpoint.ts"
import { pageSize } from "../Paging.ts"
import { type Delivery, type SandboxState, State } from "../State.ts"
import { redeliverAttempt } from "../Webhooks.ts"

type ItemView = RestEndpointMethodTypes["apps"]["listWebhookDeliveries"]["response"]["data"][number]
type DeliveryView = RestEndpointMethodTypes["apps"]["getWebhookDelivery"]["response"]["data"]
type ConfigView = RestEndpointMethodTypes["apps"]["getWebhookConfigForApp"]["response"]["data"]

/** The id is added to the text of the answer: a number of JavaScript's cannot hold it. */
const itemView = (item: Delivery) =>
  ({
    guid: item.guid,
    delivered_at: new Date(item.deliveredAt).toISOString(),
    redelivery: item.redelivery,
    duration: item.duration / 1000,
    status: item.status,
    status_code: item.statusCode,
    event: item.event,
    action: item.action,
    installation_id: item.installationId,
    repository_id: item.repositoryId,
    throttled_at: null
  }) satisfies Omit<ItemView, "id">

const withId = (id: string, view: object, payload = "null"): string =>
  JSON.stringify(view)
    .replace("{", `{"id":${id},`)
    .replace(`"payload":null`, () => `"payload":${payload}`)

const asObject = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Json)))

const deliveryView = (item: Delivery) =>
  ({
    ...itemView(item),
    url: item.url,
    request: { headers: item.requestHeaders, payload: null },
    response: { headers: {}, payload: item.responseBody }
  }) satisfies Omit<DeliveryView, "id">

const succeeded = ({ statusCode }: Delivery): boolean => statusCode >= 200 && statusCode < 400

const byStatus =
  (wanted: string | null) =>
  (item: Delivery): boolean =>
    wanted === null || (wanted === "success" ? succeeded(item) : !succeeded(item))

const page = "apps/webhooks#list-deliveries-for-an-app-webhook"

const listDeliveries = endpoint(
  "GET",
  "/app/hook/deliveries",
  Effect.gen(function* () {
    yield* requireApp
    const state = yield* State
    const params = yield* queryParameter
    const status = params.get("status")
    if (status !== null && status !== "success" && status !== "failure") {
      return yield* validationFailed("Hook", "status", "invalid")
    }
    const newestFirst = state.deliveries.filter(byStatus(status)).reverse()
    const cursor = params.get("cursor")?.replace(/^v1_/, "")
    const rest = newestFirst.filter(({ id }) => cursor === undefined || BigInt(id) < BigInt(cursor))
    const size = pageSize(params)
    const shown = rest.slice(0, size)
    const last = shown.at(-1)
    const next = new URLSearchParams(params)
    next.set("cursor", `v1_${last?.id ?? ""}`)
    const link = `<${state.url}/app/hook/deliveries?${next}>; rel="next"`
    return jsonBody(`[${shown.map((item) => withId(item.id, itemView(item))).join()}]`, {
      headers: rest.length > size ? { link } : {}
    })
  })
)

const deliveryById = Effect.gen(function* () {
  yield* requireApp
  const id = yield* pathParam("delivery")
  const { deliveries } = yield* State
  return deliveries.find((item) => item.id === id) ?? (yield* notFound(page))
})

const getDelivery = endpoint(
  "GET",
  "/app/hook/deliveries/:delivery",
  Effect.map(deliveryById, (item) =>
    jsonBody(withId(item.id, deliveryView(item), Option.isSome(asObject(item.payload)) ? item.payload : "null"))
  )
)

/** Accepted at once; the request goes out on its own and shows up as a delivery when it is answered. */
const attempt = (scope: Scope.Scope) =>
  endpoint(
    "POST",
    "/app/hook/deliveries/:delivery/attempts",
    Effect.gen(function* () {
      const item = yield* deliveryById
      yield* Effect.forkIn(redeliverAttempt(yield* State, item), scope)
      return json({}, { status: 202 })
    })
  )

const configView = (state: SandboxState) =>
  ({
    ...(state.webhookUrl === undefined ? {} : { url: state.webhookUrl }),
    content_type: "json",
    insecure_ssl: "0",
    secret: "********"
  }) satisfies ConfigView

const getConfig = endpoint(
  "GET",
  "/app/hook/config",
  Effect.gen(function* () {
    yield* requireApp
    return json(configView(yield* State))
  })
)

const updateConfig = endpoint(
  "PATCH",
  "/app/hook/config",
  Effect.gen(function* () {
    yield* requireApp
    const state = yield* State
    const body = yield* bodyObject
    yield* checkBody(body, { url: { type: "string" } }, { open: true })
    if (typeof body.url === "string") {
      if (!URL.canParse(body.url)) return yield* validationFailed("Hook", "url", "invalid")
      state.webhookUrl = body.url
    }
    return json(configView(state))
  })
)

/** The routes of this file. */
export const layer = HttpRouter.addAll(
  Effect.map(Effect.scope, (scope) => [listDeliveries, getDelivery, attempt(scope), getConfig, updateConfig])
)
