/**
 * A burst of runs of one installation through the whole server, its database on disk, over real HTTP: runs planned and started a second,
 * GraphQL requests a run, and the server's CPU time until all of a burst is dealt with. GitHub is a sandbox in a process of its own.
 */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ConfigProvider, Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { configuration } from "../../src/entry/Configuration.ts"
import { layerServer } from "../../src/entry/Listening.ts"
import * as Logging from "../../src/entry/Logging.ts"
import { layerFlow, layerRoutes, layerStorage, layerTraffic, layerWorkers } from "../../src/entry/layers.ts"
import { layerGitHub } from "../../src/entry/SettingsLayers.ts"
import * as Telemetry from "../../src/entry/Telemetry.ts"
import { FactQueue, OrderQueue, PlanQueue, ReportQueue } from "../../src/flow/Queues.ts"
import { printTable } from "../Print.ts"

/** Runs that complete at once. */
export const burst = 300
/** Target workflows; of each one start is under way at a time. */
export const targets = 12
const rounds = 3

/** What became of a burst. */
export interface Burst {
  readonly seconds: number
  readonly deliveredAfter: number
  readonly graphql: number
  readonly requests: number
}
/** A burst, and what it took the server's process until its queues were empty. */
interface Measured extends Burst {
  readonly cpuMillis: number
  readonly emptyAfter: number
}
interface GitHub {
  readonly url: string
  readonly app: {
    readonly id: number
    readonly slug: string
    readonly privateKeyPem: string
    readonly webhookSecret: string
  }
}

const nextMessage = async <A>(child: ChildProcess): Promise<A> => (await once(child, "message"))[0] as A

const service = ({ app, url }: GitHub) =>
  Layer.unwrap(
    Effect.map(configuration, (values) => {
      const config = { ...values, HOST: "127.0.0.1", PORT: 0 }
      return Layer.mergeAll(layerServer(config, layerRoutes), layerWorkers).pipe(
        Layer.provideMerge(layerStorage(config.DATA_DIR)),
        Layer.provide(Layer.mergeAll(layerGitHub(config), layerFlow(config), layerTraffic)),
        Layer.provide(Telemetry.layer(config))
      )
    })
  ).pipe(
    Layer.provide(
      ConfigProvider.layer(
        ConfigProvider.fromUnknown({
          GITHUB_APP_ID: String(app.id),
          GITHUB_APP_PRIVATE_KEY: app.privateKeyPem,
          GITHUB_WEBHOOK_SECRET: app.webhookSecret,
          GITHUB_API_URL: url,
          DATA_DIR: mkdtempSync(join(tmpdir(), "dispatcher-bench-"))
        })
      )
    ),
    Layer.provide(Logging.layer("Warn"))
  )

const measure = (child: ChildProcess) =>
  Effect.gen(function* () {
    const { address } = yield* HttpServer.HttpServer
    const url = `${HttpServer.formatAddress(address)}/webhooks/github`
    const queues = [
      yield* PlanQueue,
      yield* OrderQueue,
      ...(process.env.NOREPORT ? [] : [yield* ReportQueue]),
      ...(process.env.NOFACT ? [] : [yield* FactQueue])
    ]
    const areEmpty = Effect.forEach(queues, ({ depth }) => depth).pipe(
      Effect.map((depths) => depths.every(({ waiting, inFlight }) => waiting + inFlight === 0))
    )
    const bursts: Array<Measured> = []
    for (let round = 0; round < rounds; round++) {
      const before = process.cpuUsage()
      const begin = performance.now()
      child.send(url)
      const burst = yield* Effect.promise(() => nextMessage<Burst>(child))
      yield* Effect.sleep("100 millis").pipe(Effect.repeat({ until: () => areEmpty }))
      const { system, user } = process.cpuUsage(before)
      bursts.push({ ...burst, cpuMillis: (system + user) / 1000, emptyAfter: (performance.now() - begin) / 1000 })
    }
    return bursts
  })

/** Measures and prints. */
export const benchBurst = async (): Promise<void> => {
  const child = fork(join(import.meta.dirname, "github.ts"))
  const github = await nextMessage<GitHub>(child)
  const bursts = await Effect.runPromise(Effect.provide(measure(child), service(github)))
  child.kill()
  printTable(
    `A burst of ${burst} runs of one installation, for ${targets} target workflows (the whole server, SQLite; GitHub on loopback)`,
    [
      "",
      "started a second",
      "CPU ms a run",
      "GraphQL requests a run",
      "requests",
      "accepted after s",
      "all done after s"
    ],
    bursts.map(({ seconds, deliveredAfter, graphql, requests, cpuMillis, emptyAfter }, round) => [
      `burst ${round + 1}`,
      burst / seconds,
      cpuMillis / burst,
      graphql / burst,
      requests,
      deliveredAfter,
      emptyAfter
    ])
  )
}
