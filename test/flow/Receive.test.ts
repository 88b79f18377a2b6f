/** Webhook requests: what is accepted, what is ignored, what is refused, and what happens when something cannot be stored. */
import { createHmac } from "node:crypto"
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { PlanQueue } from "../../src/flow/Queues.ts"
import { type Reception, receive, receiveAll, type WebhookRequest } from "../../src/flow/Receive.ts"
import { WebhookSecrets } from "../../src/flow/Settings.ts"
import { SignatureWatch } from "../../src/flow/SignatureWatch.ts"
import { fixed } from "../../src/ports/Renewed.ts"
import { QueueError } from "../../src/ports/WorkQueue.ts"
import { always, failsBefore, silent } from "../../src/testing/FaultScript.ts"
import { Faults } from "../../src/testing/fakes/Faults.ts"
import { examplesOf, type Json, workflowRunPayload } from "../fixtures/Payloads.ts"
import { Logs, scenario, secrets } from "./Harness.ts"

const bytes = (text: string) => new TextEncoder().encode(text)
const signature = (body: string | Uint8Array, secret = secrets.current) =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`

/** A signed request, as GitHub sends it to an App. */
const request = (payload: Json | string = workflowRunPayload(), overrides: Partial<WebhookRequest> = {}) => {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload)
  return {
    event: "workflow_run",
    deliveryId: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    userAgent: "GitHub-Hookshot/044aadd",
    signature: signature(text),
    body: bytes(text),
    ...overrides
  } satisfies WebhookRequest
}

const why = (reception: Reception): string =>
  "message" in reception ? reception.message : "reason" in reception ? reception.reason : ""
const expect = (reception: Reception, tag: Reception["_tag"], words = "") => {
  assert.strictEqual(reception._tag, tag, why(reception))
  assert.include(why(reception), words)
}
const stored = PlanQueue.use(({ depth }) => Effect.map(depth, ({ waiting }) => waiting))

describe("the signature of a request", () => {
  const published = {
    secret: "It's a Secret to Everybody",
    body: "Hello, World!",
    signature: "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
  }
  scenario(
    "that GitHub publishes for testing is right",
    Effect.gen(function* () {
      const given = request(published.body, { signature: published.signature })
      // Signed, and only then looked at: it is no JSON.
      expect(yield* receive(given), "Malformed", "not JSON")
      expect(yield* receive({ ...given, body: bytes("Hello, World?") }), "BadSignature")
    }).pipe(
      Effect.provideService(WebhookSecrets, fixed({ current: Redacted.make(published.secret), previous: undefined }))
    )
  )

  scenario(
    "may be with a secret that has just changed: what fails with the secrets at hand is compared with those of now",
    Effect.gen(function* () {
      let renewals = 0
      const pair = (current: string) => ({ current: Redacted.make(current), previous: undefined })
      const [atHand, latest] = [pair("the old secret"), pair(secrets.current)]
      const changing = {
        get: Effect.succeed(atHand),
        renew: Effect.sync(() => {
          renewals++
          return latest
        })
      }
      yield* Effect.gen(function* () {
        const body = JSON.stringify(workflowRunPayload())
        const together = [request(), request(body, { signature: signature(body, "the old secret") })]
        for (const reception of yield* receiveAll(together)) expect(reception, "Accepted")
        assert.strictEqual(renewals, 1)
        expect(yield* receive(request(body, { signature: signature(body, "a stranger's") })), "BadSignature")
        assert.strictEqual(renewals, 2)
      }).pipe(Effect.provideService(WebhookSecrets, changing))
    })
  )

  scenario(
    "is over the bytes as they came, not over what they mean",
    Effect.gen(function* () {
      const payload = workflowRunPayload()
      const pretty = JSON.stringify(payload, null, 2)
      expect(yield* receive(request(pretty)), "Accepted")
      expect(yield* receive(request(payload, { signature: signature(pretty) })), "BadSignature")
    })
  )

  scenario(
    "may be made with the previous secret while it is being rotated",
    Effect.gen(function* () {
      const body = JSON.stringify(workflowRunPayload())
      expect(yield* receive(request(body, { signature: signature(body, secrets.previous) })), "Accepted")
    })
  )

  const wrong = {
    missing: undefined,
    empty: "",
    "of another secret": signature(JSON.stringify(workflowRunPayload()), "another secret"),
    "without its name": signature(JSON.stringify(workflowRunPayload())).slice(7),
    cut: signature(JSON.stringify(workflowRunPayload())).slice(0, -1),
    "of the old kind": "sha1=0123456789012345678901234567890123456789"
  }
  scenario(
    "is watched: those of another secret that GitHub seems to send, up to one that matches",
    Effect.gen(function* () {
      const seen: Array<string> = []
      const note = (what: string) => Effect.sync(() => void seen.push(what))
      const watch = { refused: (agent: string | undefined) => note(`refused ${agent}`), matched: note("matched") }
      for (const given of [wrong["of another secret"], wrong.cut, wrong.missing, request().signature]) {
        yield* receive({ ...request(), signature: given }).pipe(Effect.provideService(SignatureWatch, watch))
      }
      assert.deepStrictEqual(seen, ["refused GitHub-Hookshot/044aadd", "matched"])
    })
  )
  scenario(
    "is noted once for those that match one after another",
    Effect.gen(function* () {
      const seen: Array<string> = []
      const note = (what: string) => Effect.sync(() => void seen.push(what))
      const watch = { refused: () => note("refused"), matched: note("matched") }
      const refused = { ...request(), signature: wrong["of another secret"] }
      yield* receiveAll([request(), request(), refused, refused, request()]).pipe(
        Effect.provideService(SignatureWatch, watch)
      )
      assert.deepStrictEqual(seen, ["matched", "refused", "refused", "matched"])
    })
  )
  for (const [what, given] of Object.entries(wrong)) {
    scenario(
      `is refused: ${what}`,
      Effect.gen(function* () {
        expect(yield* receive({ ...request(), signature: given }), "BadSignature", "X-Hub-Signature-256")
        assert.strictEqual(yield* stored, 0)
      })
    )
  }
})

describe("a request", () => {
  scenario(
    "with a completed run is stored: one write, of the plan queue",
    Effect.gen(function* () {
      const reception = yield* receive(request())
      assert(reception._tag === "Accepted")
      assert.strictEqual(reception.deliveryId, "72d3162e-cc78-11e3-81ab-4c9367dc0958")
      assert.strictEqual(reception.run.installationId, "957387")
      assert.strictEqual(yield* stored, 1)
      assert.deepStrictEqual(yield* Faults.use(({ operations }) => operations), ["PlanQueue.offer"])
    })
  )

  scenario(
    "that comes again is stored again: Plan finds out",
    Effect.gen(function* () {
      expect(yield* receive(request()), "Accepted")
      expect(yield* receive(request()), "Accepted")
      expect(yield* receive(request(undefined, { deliveryId: "another-delivery" })), "Accepted")
      assert.strictEqual(yield* stored, 3)
    })
  )

  const ignored: ReadonlyArray<readonly [string, WebhookRequest, string]> = [
    ["a push", request(examplesOf("push")[0], { event: "push" }), "push"],
    ["a ping", request(examplesOf("ping")[0], { event: "ping" }), "ping"],
    ["a run that was requested", request(workflowRunPayload({ action: "requested" })), "requested"],
    ["a run in progress", request(workflowRunPayload({ action: "in_progress" })), "in_progress"]
  ]
  for (const [what, given, words] of ignored) {
    scenario(
      `with ${what} is ignored`,
      Effect.gen(function* () {
        expect(yield* receive(given), "Ignored", words)
        assert.deepStrictEqual(yield* Faults.use(({ operations }) => operations), [])
      })
    )
  }

  const { installation: _, ...ofARepository } = workflowRunPayload()
  const notUtf8 = Uint8Array.from([0x22, 0xff, 0x22])
  const malformed: ReadonlyArray<readonly [string, WebhookRequest, string]> = [
    ["no body", request("x", { body: new Uint8Array() }), "empty"],
    ["bytes that are no UTF-8", request("x", { body: notUtf8, signature: signature(notUtf8) }), "UTF-8"],
    ["a form", request(`payload=${encodeURIComponent("{}")}`), "application/json"],
    ["half an object", request('{"action":"completed"'), "not JSON"],
    ["a byte order mark", request(`\uFEFF${JSON.stringify(workflowRunPayload())}`), "not JSON"],
    ["no event", request(undefined, { event: undefined }), "X-GitHub-Event"],
    ["an empty event", request(undefined, { event: "" }), "X-GitHub-Event"],
    ["no delivery id", request(undefined, { deliveryId: undefined }), "X-GitHub-Delivery"],
    ["a delivery id that is none", request(undefined, { deliveryId: "../../etc" }), "X-GitHub-Delivery"],
    ["no installation", request(ofARepository), "not to the GitHub App"],
    ["no run", request({ ...workflowRunPayload(), workflow_run: null }), "workflow_run"],
    ["a list", request([]), "Expected object"]
  ]
  for (const [what, given, words] of malformed) {
    scenario(
      `with ${what} is refused`,
      Effect.gen(function* () {
        expect(yield* receive(given), "Malformed", words)
        assert.strictEqual(yield* stored, 0)
      })
    )
  }
})

describe("trouble with storing", () => {
  const queueDown = failsBefore(new QueueError({ queue: "plan", operation: "offer", message: "disk full" }))

  scenario(
    "of the work is answered to GitHub, which then shows a failed delivery",
    Effect.gen(function* () {
      const faults = yield* Faults
      yield* faults.on("PlanQueue.offer", always(queueDown))
      expect(yield* receive(request()), "NotStored", "redeliver")
      yield* faults.clear
      expect(yield* receive(request()), "Accepted")
      assert.strictEqual(yield* stored, 1)
    })
  )

  scenario(
    "of the work, for which no store answers, is answered before GitHub gives up",
    Effect.gen(function* () {
      yield* Faults.use(({ on }) => on("PlanQueue.offer", always(silent)))
      const reception = yield* Effect.forkChild(receive(request()))
      yield* TestClock.adjust("8 seconds")
      expect(yield* Fiber.join(reception), "NotStored")
    })
  )

  scenario(
    "is logged with the ids of the delivery, and no secret ever is",
    Effect.gen(function* () {
      yield* Faults.use(({ on }) => on("PlanQueue.offer", always(queueDown)))
      yield* receive(request())
      yield* receive(request(undefined, { signature: "sha256=0" }))
      const lines = yield* Logs.use(({ lines }) => lines)
      assert.lengthOf(lines, 1)
      for (const { annotations, all } of lines) {
        assert.containsAllKeys(annotations, ["deliveryId", "source", "workflow", "run"])
        for (const secret of Object.values(secrets)) assert.notInclude(all, secret)
      }
    })
  )
})
