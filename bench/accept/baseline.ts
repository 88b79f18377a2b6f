/** The floor: a bare `node:http` server that reads the body, checks the HMAC, parses the JSON and answers. It stores nothing. */
import { createHmac, timingSafeEqual } from "node:crypto"
import { createServer } from "node:http"
import { secret } from "./Payload.ts"

const server = createServer((request, response) => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const body = Buffer.concat(chunks)
    const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`)
    const given = Buffer.from(String(request.headers["x-hub-signature-256"]))
    const valid = expected.length === given.length && timingSafeEqual(expected, given)
    const payload: unknown = valid ? JSON.parse(body.toString("utf8")) : undefined
    response.writeHead(payload === undefined ? 401 : 202, { "content-type": "application/json" })
    response.end('{"status":"accepted"}')
  })
})
server.listen(0, "127.0.0.1", () => process.send?.(server.address()))
