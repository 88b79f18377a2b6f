/**
 * Accepting deliveries: requests per second and tail latency against a bare server, in turns, so that the ratio holds on a busy machine.
 * Each server is a process of its own; the load comes from this one, over keep-alive connections.
 */
import { type ChildProcess, fork } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { join } from "node:path"
import autocannon from "autocannon"
import { median, printTable } from "../Print.ts"
import { body, headers } from "./Payload.ts"

interface Server {
  readonly name: string
  readonly process: ChildProcess
  readonly port: number
}
interface Sample {
  readonly rate: number
  readonly p99: number
}

const connections = 32
const seconds = 3
const rounds = 5

const start = async (name: string, file: string, ...args: ReadonlyArray<string>): Promise<Server> => {
  const child = fork(join(import.meta.dirname, file), args)
  const [message] = (await once(child, "message")) as [{ readonly port: number }]
  return { name, process: child, port: message.port }
}

/** Every request is a delivery of its own. */
const load = async ({ port, name }: Server, duration: number): Promise<Sample> => {
  const path = "/webhooks/github"
  const result = await autocannon({
    url: `http://127.0.0.1:${port}${path}`,
    connections,
    duration,
    method: "POST",
    requests: [
      {
        method: "POST",
        path,
        body,
        setupRequest: (request) => ({ ...request, headers: { ...headers, "x-github-delivery": randomUUID() } })
      }
    ]
  })
  if (result.non2xx + result.errors > 0) throw new Error(`${name}: ${result.non2xx} refusals, ${result.errors} errors`)
  return { rate: result.requests.average, p99: result.latency.p99 }
}

/** Measures and prints. */
export const benchAccept = async (): Promise<void> => {
  const servers = [
    await start("bare node:http + HMAC + JSON.parse", "baseline.ts"),
    await start("dispatcher, in-memory layers", "service.ts", "memory"),
    await start("dispatcher, durable (SQLite, fsync)", "service.ts", "sqlite")
  ]
  const samples = new Map(servers.map(({ name }): [string, Array<Sample>] => [name, []]))
  for (const server of servers) await load(server, seconds)
  for (let round = 0; round < rounds; round++) {
    for (const server of servers) samples.get(server.name)?.push(await load(server, seconds))
  }
  for (const server of servers) server.process.kill()
  const floor = samples.get(servers[0]?.name ?? "") ?? []
  const ratio = (name: string, of: (sample: Sample) => number): number =>
    median((samples.get(name) ?? []).map((sample, round) => of(sample) / of(floor[round] ?? sample)))
  printTable(
    `Accepting GitHub's example (${(body.length / 1024).toFixed(0)} KB, signed), ${connections} connections, median of ${rounds} rounds`,
    ["server", "requests/s", "p99 ms", "rate / bare", "p99 / bare"],
    servers.map(({ name }) => [
      name,
      Math.round(median((samples.get(name) ?? []).map(({ rate }) => rate))),
      median((samples.get(name) ?? []).map(({ p99 }) => p99)),
      ratio(name, ({ rate }) => rate),
      ratio(name, ({ p99 }) => p99)
    ])
  )
}
