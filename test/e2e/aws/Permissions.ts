/**
 * IAM, as far as it concerns the functions: each may do what `contract.json` allows it, which is what Terraform puts into its role, and
 * whatever else it asks for is refused. Every function is known by its credentials, as on AWS.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { queueVariables, tableVariables } from "../../../src/adapters/aws/AwsResources.ts"
import type { Gate } from "../Proxy.ts"
import { refusal } from "./Refusal.ts"

interface Function {
  readonly consumes?: ReadonlyArray<string>
  readonly permissions: Readonly<
    Record<string, { readonly actions: ReadonlyArray<string>; readonly resources: ReadonlyArray<string> }>
  >
}

const file = join(import.meta.dirname, "../../../infrastructure/terraform/modules/dispatcher/contract.json")
const { functions } = JSON.parse(readFileSync(file, "utf8")) as {
  readonly functions: Readonly<Record<string, Function>>
}

/** What Lambda does with a function's role on the queue that it hands over, and what the function itself may do there. */
export const ofConsumers = {
  byLambda: ["sqs:ReceiveMessage", "sqs:GetQueueAttributes"],
  byFunction: ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage"]
}

/** Whether a function works off a queue. */
export const consumes = (name: string, queue: string): boolean =>
  functions[name]?.consumes?.includes(`queues/${queue}`) === true

const allowed = ({ consumes = [], permissions }: Function): ReadonlyArray<string> => [
  ...Object.values(permissions).flatMap(({ actions, resources }) =>
    actions.flatMap((action) => resources.map((resource) => `${action} on ${resource}`))
  ),
  ...consumes.flatMap((queue) => ofConsumers.byFunction.map((action) => `${action} on ${queue}`))
]

/** What each function may do, as `ACTION on RESOURCE`. */
export const granted: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(functions).map(([name, each]) => [name, new Set(allowed(each))])
)

/** A request's body, as far as it names what is acted on. */
interface Body {
  readonly TableName?: string
  /** Of a batch of writes, by table. */
  readonly RequestItems?: Readonly<Record<string, unknown>>
  readonly TransactItems?: ReadonlyArray<Readonly<Record<string, { readonly TableName?: string }>>>
  readonly QueueUrl?: string
  readonly Entries?: ReadonlyArray<{ readonly EventBusName?: string }>
  readonly SecretId?: string
}

const services: Readonly<Record<string, string>> = {
  DynamoDB_20120810: "dynamodb",
  AmazonSQS: "sqs",
  AWSEvents: "events",
  secretsmanager: "secretsmanager"
}

/** Batches of messages are allowed by the action for one, batches of items by one of their own, and transactions by the actions that they consist of. */
const actionsOf = (service: string, operation: string, body: Body): ReadonlyArray<readonly [string, string]> => {
  if (body.TransactItems !== undefined) {
    return body.TransactItems.flatMap((item) =>
      Object.entries(item).map(([kind, { TableName = "" }]) => {
        const name =
          operation === "TransactGetItems"
            ? "GetItem"
            : kind === "ConditionCheck"
              ? "ConditionCheckItem"
              : `${kind}Item`
        return [`${service}:${name}`, TableName] as const
      })
    )
  }
  const action = `${service}:${operation.replace(/Batch$/, "")}`
  if (body.RequestItems !== undefined) return Object.keys(body.RequestItems).map((name) => [action, name] as const)
  if (service === "events") return (body.Entries ?? []).map(({ EventBusName = "" }) => [action, EventBusName] as const)
  return [[action, body.TableName ?? body.QueueUrl ?? body.SecretId ?? ""]]
}

/** The contract's names of resources, by what requests call them. */
const resourcesOf = (environment: Readonly<Record<string, string>>): ReadonlyMap<string, string> => {
  const names: Array<readonly [variable: string, name: string]> = [
    ...Object.entries(tableVariables).map(([name, variable]) => [variable, `tables/${name}`] as const),
    ...Object.entries(queueVariables).flatMap(([name, { url, deadLetterUrl }]) => [
      [url, `queues/${name}`] as const,
      [deadLetterUrl, `queues/${name}-dead`] as const
    ]),
    ["EVENT_BUS_NAME", "bus/facts"],
    ["GITHUB_WEBHOOK_SECRET_ARN", "secrets/webhook_secret"],
    ["GITHUB_APP_PRIVATE_KEY_ARN", "secrets/private_key"],
    ["ADMIN_TOKEN_ARN", "secrets/admin_token"]
  ]
  return new Map(names.map(([variable, name]) => [environment[variable] ?? "", name]))
}

/** Lets pass what is allowed, refuses everything else, and remembers both. */
export class Permissions {
  /** What each function asked for and was allowed. */
  readonly used = new Map<string, Set<string>>()
  /** `FUNCTION: ACTION on RESOURCE` */
  readonly refused = new Set<string>()
  #resources: ReadonlyMap<string, string> = new Map()

  /** Gives what the resources are called in requests. */
  name(environment: Readonly<Record<string, string>>): void {
    this.#resources = resourcesOf(environment)
  }

  /** Requests to AWS. */
  readonly check: Gate = ({ caller, target, body }) => {
    const [prefix = "", operation = ""] = target.split(".")
    const service = services[prefix]
    if (service === undefined) return Effect.void
    const asked = actionsOf(service, operation, JSON.parse(body.toString()) as Body).map(
      ([action, resource]) => `${action} on ${this.#resources.get(resource) ?? resource}`
    )
    const denied = asked.filter((one) => granted.get(caller)?.has(one) !== true)
    for (const one of denied) this.refused.add(`${caller}: ${one}`)
    if (denied.length > 0)
      return Effect.fail(refusal("AccessDeniedException", { message: `${caller} may not ${denied.join(", ")}` }))
    const used = this.used.get(caller) ?? new Set()
    for (const one of asked) used.add(one)
    this.used.set(caller, used)
    return Effect.void
  }
}
