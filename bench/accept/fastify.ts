/** A common way to receive webhooks: Fastify, with `@octokit/webhooks` to verify and to parse. It stores nothing. */
import { Webhooks } from "@octokit/webhooks"
import Fastify from "fastify"
import { secret } from "./Payload.ts"

const webhooks = new Webhooks({ secret })
webhooks.on("workflow_run.completed", () => undefined)
const server = Fastify({ logger: false })
server.addContentTypeParser("application/json", { parseAs: "string" }, (_, body, done) => done(null, body))
server.post("/webhooks/github", async (request, reply) => {
  const { headers } = request
  await webhooks.verifyAndReceive({
    id: String(headers["x-github-delivery"]),
    name: String(headers["x-github-event"]),
    signature: String(headers["x-hub-signature-256"]),
    payload: String(request.body)
  })
  return reply.code(202).send({ status: "accepted" })
})
await server.listen({ port: 0, host: "127.0.0.1" })
process.send?.(server.server.address())
