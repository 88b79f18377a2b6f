/**
 * Accepting deliveries: requests per second and tail latency against a bare server, in turns, so that the ratio holds on a busy machine.
 * Each server is a process of its own; the load comes from this one, over keep-alive connections, each request a run of its own.
 */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import autocannon from "autocannon"
import { median, printTable } from "../Print.ts"
import { nextDelivery } from "./Payload.ts"

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
const path = "/webhooks/github"

const start = async (name: string, file: string, ...args: ReadonlyArray<string>): Promise<Server> => {
  const child = fork(join(import.meta.dirname, file), args)
  const [message] = (await once(child, "message")) as [{ readonly port: number }]
  return { name, process: child, port: message.port }
}

/** Measures one server and suspends it then, so that it works off no backlog beside the next. */
const measure = async (server: Server, duration: number, overallRate?: number): Promise<Sample> => {
  server.process.kill("SIGCONT")
  const sample = await load(server, duration, overallRate)
  // Time to answer what is under way: a request that meets a suspended server is late when that goes on.
  await setTimeout(500)
  server.process.kill("SIGSTOP")
  return sample
}

/** Every request is a delivery of its own; `overallRate`: requests a second, as many as it takes if there is none. */
const load = async ({ port, name }: Server, duration: number, overallRate?: number): Promise<Sample> => {
  const result = await autocannon({
    url: `http://127.0.0.1:${port}${path}`,
    connections,
    duration,
    method: "POST",
    ...(overallRate === undefined ? {} : { overallRate: Math.round(overallRate) }),
    requests: [
      {
        method: "POST",
        path,
        setupRequest: (request) => {
          const { body, headers } = nextDelivery()
          return { ...request, body, headers }
        }
      }
    ]
  })
  if (result.non2xx + result.errors > 0) throw new Error(`${name}: ${result.non2xx} refusals, ${result.errors} errors`)
  return { rate: result.requests.average, p99: result.latency.p99 }
}

const size = `${(nextDelivery().body.length / 1024).toFixed(0)} KB, signed, ${connections} connections`

/** One measurement of each server a round; the first one is the floor that the others are divided by. */
const inTurns = async (servers: ReadonlyArray<Server>, measure: (server: Server) => Promise<Sample>) => {
  const samples = new Map(servers.map(({ name }): [string, Array<Sample>] => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const server of servers) samples.get(server.name)?.push(await measure(server))
  }
  const floor = samples.get(servers[0]?.name ?? "") ?? []
  return servers.map(({ name }) => {
    const own = samples.get(name) ?? []
    const ratio = (of: (sample: Sample) => number) =>
      median(own.map((sample, round) => of(sample) / of(floor[round] ?? sample)))
    return {
      name,
      rate: median(own.map(({ rate }) => rate)),
      p99: median(own.map(({ p99 }) => p99)),
      rateRatio: ratio(({ rate }) => rate),
      p99Ratio: ratio(({ p99 }) => p99)
    }
  })
}

/** Measures and prints. */
export const benchAccept = async (): Promise<void> => {
  const bare = await start("bare node:http + HMAC + JSON.parse", "baseline.ts")
  const durable = await start("dispatcher, durable (SQLite, fsync)", "service.ts", "sqlite")
  const servers = [
    bare,
    await start("Fastify + @octokit/webhooks, stores nothing", "fastify.ts"),
    await start("Probot, stores nothing", "probot.ts"),
    await start("dispatcher, in-memory layers", "service.ts", "memory"),
    durable,
    await start("dispatcher, the whole server, stages at work", "service.ts", "whole")
  ]
  for (const server of servers) await measure(server, seconds)
  const saturated = await inTurns(servers, (server) => measure(server, seconds))
  printTable(
    `Accepting GitHub's example (${size}), as fast as it goes; median of ${rounds} rounds`,
    ["server", "requests/s", "p99 ms", "rate / bare", "p99 / bare"],
    saturated.map(({ name, rate, p99, rateRatio, p99Ratio }) => [name, Math.round(rate), p99, rateRatio, p99Ratio])
  )
  const most = saturated.find(({ name }) => name === durable.name)?.rate ?? 0
  const calm = await inTurns([bare, durable], (server) => measure(server, seconds, most * 0.8))
  printTable(
    `The same at 80 % of the durable server's rate`,
    ["server", "requests/s", "p99 ms", "p99 / bare"],
    calm.map(({ name, rate, p99, p99Ratio }) => [name, Math.round(rate), p99, p99Ratio])
  )
  for (const server of servers) server.process.kill("SIGKILL")
}
