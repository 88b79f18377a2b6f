/**
 * AWS's list prices in US dollars, us-east-1, without free tiers, as of November 2026. eu-central-1 is up to a fifth dearer.
 *
 * Sources: what secondary sources of 2025 and 2026 quote of the pricing pages for DynamoDB (airbyte.com, July 2025), SQS (cloudburn.io, March
 * 2026), CloudWatch (factualminds.com, June 2026) and Lambda; for the others, the pages as we knew them. The pages themselves (https://aws.amazon.com/dynamodb/pricing/on-demand/, …/lambda/pricing/, …/sqs/pricing/,
 * …/eventbridge/pricing/, …/api-gateway/pricing/, …/cloudwatch/pricing/, …/secrets-manager/pricing/, …/xray/pricing/). DynamoDB's on-demand
 * units are those since the cut of November 2024.
 */
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
  archivedByte: 0.1 / gigabyte,
  httpRequest: 1 / million,
  loggedByte: 0.5 / gigabyte,
  trace: 5 / million,
  metricMonth: 0.3,
  alarmMonth: 0.1,
  dashboardMonth: 3,
  secretMonth: 0.4
} as const

/**
 * What is estimated and not counted: durations, which depend on GitHub and the region, and the sizes of log lines. Milliseconds are those of
 * warm instances with Terraform's memory.
 */
export const estimates = {
  ingress: { gigabytes: 0.5, milliseconds: 20 },
  planner: { gigabytes: 0.5, milliseconds: 450 },
  dispatcher: { gigabytes: 0.5, milliseconds: 600 },
  facts: { gigabytes: 1, milliseconds: 120 },
  rollup: { gigabytes: 1, milliseconds: 250 },
  sweeper: { gigabytes: 0.5, milliseconds: 600 },
  logBytesOfInvocation: 700,
  logBytesOfDelivery: 4000,
  tracedShare: 0.05
} as const

/** What stands there whatever arrives: alarms and secrets of the Terraform module, EMF metrics, a dashboard. */
export const standing = { alarms: 30, metrics: 7, dashboards: 1, secrets: 3 } as const
