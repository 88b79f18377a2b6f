/** What tests of the way out need: a proxy on loopback that counts, and an https server whose authority Node does not trust. */
import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { type AddressInfo, connect, type createServer as createTcpServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"

const portOf = (server: { address(): AddressInfo | string | null }): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

/** Listens on loopback for as long as the scope lasts. */
export const listening = <S extends Server | ReturnType<typeof createTcpServer>>(server: S) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      server.listen(0, "127.0.0.1")
      await once(server, "listening")
      return { server, port: portOf(server) }
    }),
    () =>
      Effect.sync(() => {
        server.close()
        if ("closeAllConnections" in server) server.closeAllConnections()
      })
  )

/** A proxy that lets CONNECT and plain requests through, and counts them. */
export const proxyTo = (target: { readonly port: number }, status = 200) =>
  Effect.gen(function* () {
    const seen: Array<string> = []
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      response.writeHead(status, { "proxy-authenticate": "Basic" }).end("<html>")
    })
    server.on("connect", (request, client: Socket) => {
      seen.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim())
      client.on("error", () => {})
      if (status !== 200) return client.end(`HTTP/1.1 ${status} No\r\n\r\n`)
      const upstream = connect(target.port, "127.0.0.1", () => client.write("HTTP/1.1 200 OK\r\n\r\n"))
      upstream.on("error", () => {})
      return upstream.pipe(client).pipe(upstream)
    })
    const { port } = yield* listening(server)
    return { seen, address: `http://me:secret@127.0.0.1:${port}` }
  })

/** An https server on loopback with a certificate that it signed itself. */
export const secure = Effect.gen(function* () {
  const folder = mkdtempSync(join(tmpdir(), "dispatcher-tls-"))
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")]
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=IP:127.0.0.1",
      "-keyout",
      key,
      "-out",
      cert
    ],
    { stdio: "ignore" }
  )
  const ca = readFileSync(cert, "utf8")
  const seen: Array<string> = []
  const server = createTlsServer({ key: readFileSync(key), cert: ca }, ({ url }, response) => {
    seen.push(String(url))
    response.end("{}")
  })
  const { port } = yield* listening(server)
  return { port, seen, ca: [ca], caFile: cert, url: `https://127.0.0.1:${port}/thing` }
})
