/**
 * A month's bill: units as counted (`Delivery.ts`, `Front.ts`, `Rollup.ts`), durations derived from them (`Work.ts`), list prices (`Prices.ts`). Cold starts
 * are left out: where nearly all invocations are cold, as with 10,000 deliveries a month, about a second each makes ten cents.
 */
import { polling, windows } from "./Batches.ts"
import type { DeliveryUnits } from "./Delivery.ts"
import type { FrontUnits } from "./Front.ts"
import { free, prices, standing } from "./Prices.ts"
import { minutes, type RollupUnits } from "./Rollup.ts"
import { callMillis, millisOf, overheadMillis, type Work } from "./Work.ts"

/** All that is counted. */
export interface Counted {
  readonly delivery: DeliveryUnits
  readonly front: FrontUnits
  readonly rollup: RollupUnits
}

/** Two deliveries of each run are about no completion, and are ignored: GitHub sends `requested` and `in_progress`, too. */
const ignored = 2

/** Memory of the functions, megabytes, as Terraform has it. */
export const megabytes = {
  ingress: 512,
  planner: 320,
  dispatcher: 320,
  facts: 1024,
  rollup: 1024,
  sweeper: 512
} as const

const requestId = "8b6f1c9e-5d0a-4f3e-9f57-0a4c2f5d6e71"
/** What Lambda logs of an invocation, in text form. */
const platformLines = [
  `START RequestId: ${requestId} Version: 12`,
  `END RequestId: ${requestId}`,
  `REPORT RequestId: ${requestId}\tDuration: 885.12 ms\tBilled Duration: 886 ms\tMemory Size: 320 MB\tMax Memory Used: 140 MB\t`
]

/** A line of the API's access log. */
export const accessLine = JSON.stringify({
  ...{ deployment: "dispatcher-prod", requestId: "Kx0VvhQHoAMEM7A=", sourceIp: "140.82.115.50" },
  ...{ method: "POST", path: "/webhooks/github", status: "202", responseLength: "50", latencyMs: "23" },
  ...{ integrationStatus: "200", integrationError: "-", integrationLatency: "21" }
})

/** What is assumed and not counted, beside `callMillis`. */
const assumed = {
  platformBytes: platformLines.reduce((sum, line) => sum + line.length + 1, 0),
  accessBytes: accessLine.length,
  /** Of the rollup's metrics. */
  metricBytes: 450,
  /** Beside the body: headers with the token, and what TLS adds. */
  requestBytes: 1500,
  answerBytes: 400,
  /** What EventBridge puts around the facts of an event. */
  envelopeBytes: 220,
  archiveMonths: 3,
  /** How long logs are kept, and what is left of them there: CloudWatch's own examples have 15 %. */
  logMonths: 3,
  keptShare: 0.15,
  /** In the registry: Lambda's base image in a few of its versions, and 30 releases, which differ in a layer of some megabytes. */
  imageBytes: 0.5 * 1024 ** 3,
  /** Of the hours, those in which there is something to count of what is counted where it happens. */
  rareShare: 0.1,
  /** A sweep asks what started runs came to, and reads the log of so many minutes: those since the last one, and ten once more. */
  sweepMillis: 350,
  sweptMinutes: 15,
  /** A tick: milliseconds at least, and for each unit, of which many are on their way at once. */
  tickMillis: 60,
  tickMillisPerUnit: 1,
  /** Instances that read their secret again every five minutes; roles and tables for which DynamoDB asks for the key as often: idle, and not. */
  instances: [1, 6],
  keys: [4, 12],
  fiveMinutes: minutes / 5
} as const

/** How many messages of so many a month come in one batch, where a poller collects for so long. */
const batchOf = (messages: number, window: number): number => {
  const each = (messages / (minutes * 60) / polling.pollers) * window
  return each === 0 ? 1 : each / (1 - Math.exp(-each))
}
/** Requests that receive so many messages a month one by one, with those that find nothing. */
const receives = (messages: number): number => {
  const polls = (polling.pollers * minutes * 60) / polling.seconds
  return messages === 0 ? polls : messages / (1 - Math.exp(-messages / polls))
}

/** Milliseconds of an invocation. */
export const durationOf = (work: Work, memory: number): number => {
  const { waiting, working } = millisOf(work, memory)
  return overheadMillis + waiting + working
}
/** Milliseconds of an invocation with so many messages, as if they were handled one after the other: an upper bound, since they go side by side. */
const together = (work: Work, memory: number, messages: number): number =>
  overheadMillis + messages * (durationOf(work, memory) - overheadMillis)
/** Milliseconds of an invocation with facts of so many runs: they wait together, and work one after the other. */
const recordingOf = (work: Work, memory: number, runs: number): number => {
  const { waiting, working } = millisOf(work, memory)
  return overheadMillis + waiting + working * runs
}

/** The services of the table, in its order. */
export const services = [
  "DynamoDB, ledger",
  "DynamoDB, facts",
  "DynamoDB, rollup",
  "DynamoDB, stored",
  "Lambda",
  "SQS",
  "EventBridge",
  "API Gateway",
  "CloudWatch Logs",
  "data transfer",
  "alarms, metrics, secrets, keys, images"
] as const
type Service = (typeof services)[number]
/** What stands there, or is asked for, whatever arrives. */
const upkeep: Service = "alarms, metrics, secrets, keys, images"

/** So much of something for the service, at this price each, of which some may always be free. */
interface Item {
  readonly service: Service
  readonly used: number
  readonly price: number
  readonly free?: number
}

/** The month's items. */
const itemsOf = ({ delivery, front, rollup }: Counted, deliveries: number): ReadonlyArray<Item> => {
  const busy = deliveries === 0 ? 0 : 1
  const messages = deliveries * delivery.messages
  // What comes of each run in one batch.
  const shares = deliveries * delivery.record.times
  const reports = deliveries * delivery.report.times
  const planBatch = batchOf(deliveries, windows.plan)
  const reportBatch = batchOf(reports, windows.report)
  const shareBatch = batchOf(shares, windows.fact)
  // Of 100 attempts each, of which a delivery and what is ignored beside it are one each.
  const pages = Math.max(1, Math.ceil((deliveries * (1 + ignored) * assumed.sweptMinutes) / minutes / 100))
  const tick = assumed.tickMillis + (assumed.tickMillisPerUnit * (rollup.writes + rollup.reads)) / minutes
  const functions = [
    [deliveries, durationOf(front.accepted, megabytes.ingress), megabytes.ingress],
    [deliveries * ignored, durationOf(front.ignored, megabytes.ingress), megabytes.ingress],
    [deliveries / planBatch, together(delivery.plan.work, megabytes.planner, planBatch), megabytes.planner],
    [deliveries * delivery.order.times, durationOf(delivery.order.work, megabytes.dispatcher), megabytes.dispatcher],
    [reports / reportBatch, together(delivery.report.work, megabytes.dispatcher, reportBatch), megabytes.dispatcher],
    [shares / shareBatch, recordingOf(delivery.record.work, megabytes.facts, shareBatch), megabytes.facts],
    [minutes, tick, megabytes.rollup],
    [assumed.fiveMinutes, assumed.sweepMillis + pages * callMillis.rest, megabytes.sweeper]
  ] as const
  const invocations = functions.reduce((sum, [times]) => sum + times, 0)
  const gigabyteSeconds = functions.reduce(
    (sum, [times, millis, memory]) => sum + (times * millis * memory) / 1024 / 1000,
    0
  )
  const works = [delivery.plan, delivery.order, delivery.report]
  const sum = (of: (work: Work) => number): number => works.reduce((all, { times, work }) => all + times * of(work), 0)
  const requests = sum(({ rest, dispatches, graphql }) => rest + dispatches + graphql)
  const loggedBytes = sum((work) => work.loggedBytes) + front.accepted.loggedBytes + ignored * front.ignored.loggedBytes
  const logBytes =
    invocations * assumed.platformBytes +
    deliveries * (loggedBytes + (1 + ignored) * assumed.accessBytes) +
    minutes * assumed.metricBytes
  const { ledger, events, projections } = delivery.storedByteMonths
  const eventBytes = delivery.messageBytes + delivery.messages * assumed.envelopeBytes
  const item = (service: Service, used: number, price: number, of = 0): Item => ({ service, used, price, free: of })
  return [
    item("DynamoDB, ledger", deliveries * delivery.ledgerWrites, prices.writeUnit),
    item("DynamoDB, ledger", deliveries * delivery.ledgerReads, prices.readUnit),
    item("DynamoDB, facts", deliveries * delivery.factWrites, prices.writeUnit),
    item("DynamoDB, facts", deliveries * delivery.factReads, prices.readUnit),
    item("DynamoDB, rollup", rollup.writes, prices.writeUnit),
    item("DynamoDB, rollup", rollup.reads, prices.readUnit),
    item("DynamoDB, stored", deliveries * (ledger + events + projections), prices.storedByte, free.storedBytes),
    item("DynamoDB, stored", deliveries * (ledger + events), prices.recoverableByte),
    item("Lambda", invocations, prices.invocation, free.invocations),
    item("Lambda", gigabyteSeconds, prices.gigabyteSecond, free.gigabyteSeconds),
    // A message is sent, received and deleted, the last with those of its batch; the rollup asks each queue and its dead letters how many there are.
    item(
      "SQS",
      [
        deliveries + receives(deliveries) + deliveries / planBatch,
        reports + receives(reports) + reports / reportBatch,
        messages + receives(messages) + shares / shareBatch,
        8 * minutes
      ].reduce((all, some) => all + some, 0),
      prices.queueRequest,
      free.queueRequests
    ),
    item(
      "SQS",
      2 * deliveries * delivery.order.times + receives(deliveries * delivery.order.times),
      prices.fifoRequest
    ),
    item("EventBridge", messages, prices.busEvent),
    item(
      "EventBridge",
      deliveries * eventBytes,
      prices.archivedByte + assumed.archiveMonths * prices.archivedByteMonth
    ),
    item("API Gateway", deliveries * (1 + ignored), prices.httpRequest),
    item("CloudWatch Logs", logBytes, prices.loggedByte, free.loggedBytes),
    item("CloudWatch Logs", logBytes * assumed.keptShare * assumed.logMonths, prices.keptLogByteMonth),
    item(
      "data transfer",
      deliveries *
        (requests * assumed.requestBytes + sum(({ sentBytes }) => sentBytes) + (1 + ignored) * assumed.answerBytes),
      prices.sentByte,
      free.sentBytes
    ),
    item(upkeep, standing.alarms, prices.alarmMonth, free.alarms),
    item(upkeep, standing.metrics + standing.rareMetrics * assumed.rareShare, prices.metricMonth, free.metrics),
    item(upkeep, standing.dashboards, prices.dashboardMonth, free.dashboards),
    item(upkeep, standing.secrets, prices.secretMonth),
    item(upkeep, assumed.instances[busy] * assumed.fiveMinutes, prices.secretRequest),
    item(upkeep, assumed.keys[busy] * assumed.fiveMinutes, prices.keyRequest, free.keyRequests),
    item(upkeep, assumed.imageBytes, prices.imageByteMonth)
  ]
}

/** Dollars of a month with so many deliveries, service by service; and what of them AWS takes off in an account that has nothing else. */
export const billOf = (counted: Counted, deliveries: number) => {
  const items = itemsOf(counted, deliveries)
  const dollars = (of: ReadonlyArray<Item>) => of.reduce((sum, { used, price }) => sum + used * price, 0)
  return {
    services: services.map((service) => dollars(items.filter((item) => item.service === service))),
    together: dollars(items),
    off: items.reduce((sum, { used, price, free = 0 }) => sum + Math.min(used, free) * price, 0)
  }
}
