/** Requests below `fetch`: bodies that are signed by hand, sent in pieces, too slowly or not to their end. */
import { createHmac } from "node:crypto"
import { connect as connectTo, type Socket } from "node:net"
import { Effect } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { Service } from "./World.ts"

/** Headers of a delivery whose body is signed with the App's secret. */
const signedHeaders = Effect.fnUntraced(function* (body: Uint8Array | string) {
  const { app } = yield* Sandbox
  return {
    "content-type": "application/json",
    "x-github-event": "workflow_run",
    "x-github-delivery": "0b7d9c3e-5a1e-11f0-9a33-0242ac120002",
    "x-hub-signature-256": `sha256=${createHmac("sha256", app.webhookSecret).update(body).digest("hex")}`
  }
})

/** Posts a body with a correct signature, whatever the body is. */
export const postSigned = Effect.fnUntraced(function* (body: Uint8Array<ArrayBuffer> | string) {
  const { url } = yield* Service
  const headers = yield* signedHeaders(body)
  return yield* Effect.promise(async () => {
    const response = await fetch(`${url}/webhooks/github`, { method: "POST", headers, body })
    return { status: response.status, text: await response.text() }
  })
})

/** A signature that may be one, and is of nothing. */
const someSignature = { "x-hub-signature-256": `sha256=${"0".repeat(64)}` }

/** Posts pieces of a body without saying how long it will be. */
export const postInPieces = (pieces: ReadonlyArray<Uint8Array>) =>
  Service.use(({ url }) =>
    Effect.promise(async () => {
      const body = ReadableStream.from(pieces)
      const response = await fetch(`${url}/webhooks/github`, {
        method: "POST",
        headers: someSignature,
        body,
        duplex: "half"
      })
      return { status: response.status, text: await response.text() }
    })
  )

/** A connection on which something has been said; it is cut when the scope ends. */
export const connection = Effect.fnUntraced(function* (said: string) {
  const { hostname, port } = new URL((yield* Service).url)
  return yield* Effect.acquireRelease(
    Effect.callback<Socket>((resume) => {
      const socket = connectTo(Number(port), hostname)
      socket.on("error", () => resume(Effect.succeed(socket)))
      socket.once("connect", () => socket.write(said, () => resume(Effect.succeed(socket))))
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )
})
