/**
 * AWS's list prices in US dollars, us-east-1, as of November 2026, and what AWS leaves out of every account's bill for ever ("always free"). eu-central-1
 * is up to a fifth dearer.
 *
 * Sources: what secondary sources of 2025 and 2026 quote of the pricing pages for DynamoDB (airbyte.com, July 2025; usage.ai, April 2026, on its keys),
 * SQS (cloudburn.io, March 2026), CloudWatch (factualminds.com and c3x.dev, both June 2026) and Lambda; for what is always free, c3x.dev and costpulse.cloud (both 2026), which agree. For the
 * others, the pages as we knew them. The pages themselves (https://aws.amazon.com/dynamodb/pricing/on-demand/, …/lambda/pricing/, …/sqs/pricing/,
 * …/eventbridge/pricing/, …/api-gateway/pricing/, …/cloudwatch/pricing/, …/secrets-manager/pricing/, …/kms/pricing/, …/ecr/pricing/, …/xray/pricing/, …/free/). DynamoDB's on-demand
 * units are those since the cut of November 2024.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"

export const pricesAsOf = "November 2026"

const million = 1_000_000
const gigabyte = 1024 ** 3

/** Dollars for one. */
export const prices = {
  /** A write of 1 KB; a transaction takes two. */
  writeUnit: 0.625 / million,
  /** A strongly consistent read of 4 KB. */
  readUnit: 0.125 / million,
  /** Of tables, a month; and of their backups by the second. */
  storedByte: 0.25 / gigabyte,
  recoverableByte: 0.2 / gigabyte,
  invocation: 0.2 / million,
  /** arm64. */
  gigabyteSecond: 0.000_013_333_4,
  /** Sends, receives and deletes, each with up to 10 messages. */
  queueRequest: 0.4 / million,
  fifoRequest: 0.5 / million,
  /** A custom event of up to 64 KB. */
  busEvent: 1 / million,
  /** Of the archive: what goes in, and what is kept a month. */
  archivedByte: 0.1 / gigabyte,
  archivedByteMonth: 0.023 / gigabyte,
  httpRequest: 1 / million,
  loggedByte: 0.5 / gigabyte,
  /** Of what is kept of a log, compressed, a month. */
  keptLogByteMonth: 0.03 / gigabyte,
  /** Of images, a month. */
  imageByteMonth: 0.1 / gigabyte,
  /** From AWS to the internet. */
  sentByte: 0.09 / gigabyte,
  /** An EMF metric, for the hours in which it has values. */
  metricMonth: 0.3,
  /** "You are charged for each metric associated with a CloudWatch alarm." */
  alarmMonth: 0.1,
  dashboardMonth: 3,
  secretMonth: 0.4,
  secretRequest: 5 / million,
  keyRequest: 3 / million
} as const

/** What of each of these is always free in an account, a month. */
export const free = {
  invocations: million,
  gigabyteSeconds: 400_000,
  queueRequests: million,
  storedBytes: 25 * gigabyte,
  loggedBytes: 5 * gigabyte,
  sentBytes: 100 * gigabyte,
  metrics: 10,
  alarms: 10,
  dashboards: 3,
  keyRequests: 20_000
} as const

/** What stands there whatever arrives; of metrics, those with a value each minute, and those that count what is rare. `terraform test` holds the file to what the module plans. */
export const standing: Readonly<Record<"alarms" | "metrics" | "rareMetrics" | "dashboards" | "secrets", number>> =
  JSON.parse(
    readFileSync(
      join(import.meta.dirname, "../../infrastructure/terraform/modules/dispatcher/tests/standing.json"),
      "utf8"
    )
  )
