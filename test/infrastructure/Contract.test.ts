/**
 * What Terraform makes is what the code expects. Terraform reads `contract.json` and repeats nothing of it (its own tests say so); here it
 * is held to the code's own descriptions.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration } from "effect"
import { functionNames } from "../../scripts/build-lambda.ts"
import { queueSettings, queueVariables, tableSchema, tableVariables } from "../../src/adapters/aws/AwsResources.ts"
import { dimension, namespace } from "../../src/adapters/aws/cloudwatch/EmbeddedMetrics.ts"
import { secretVariables } from "../../src/adapters/aws/secrets/Secrets.ts"
import { maxTargetsLimit } from "../../src/domain/Policy.ts"
import { functions, standard } from "../../src/entry/lambda/Configuration.ts"
import { Timing } from "../../src/flow/Settings.ts"
import { alarmMetrics } from "../../src/ports/AlarmMetrics.ts"
import { leaseMillis } from "../../src/readmodel/rollup/TickItem.ts"
import { ofConsumers } from "../e2e/aws/Permissions.ts"
import { files, read } from "./Files.ts"

const modules = "infrastructure/terraform/modules/dispatcher"
const contract = JSON.parse(read(`${modules}/contract.json`))

interface Described {
  readonly command: string
  readonly environment: ReadonlyArray<string>
  readonly consumes?: ReadonlyArray<string>
  readonly permissions: Readonly<Record<string, Allowed>>
}
interface Allowed {
  readonly actions: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string>
}
const each = Object.entries<Described>(contract.functions)
const allowedOf = ({ permissions }: Described) => Object.values(permissions)

/** On AWS, a secret is given by the ARN of its place; the previous one is in the same place. Standard variables are listed once. */
const onAws = (variable: string): ReadonlyArray<string> => {
  if (variable.endsWith("_PREVIOUS") || variable in standard) return []
  const arn = `${variable}_ARN`
  return [Object.values<string>(secretVariables).includes(arn) ? arn : variable]
}
const environmentOf = (variables: object): ReadonlyArray<string> => Object.keys(variables).flatMap(onAws).toSorted()

describe("contract.json", () => {
  it("has the tables' keys, expiry and variables as the code does", () => {
    assert.deepStrictEqual(contract.tables, { ...tableSchema, variables: tableVariables })
  })

  it("says how often queues hand messages out, how long they keep them, and what is special about the order queue", () => {
    const { maxReceiveCount, retention, order } = queueSettings
    const { fifo, batchSize, visibilityTimeout } = order
    assert.deepStrictEqual(contract.queues, {
      maxReceiveCount,
      retentionDays: Duration.toDays(retention),
      order: { fifo, batchSize, visibilitySeconds: Duration.toSeconds(visibilityTimeout) }
    })
  })

  it("names the functions that are built, with their handlers and the variables that they read", () => {
    assert.deepStrictEqual(Object.keys(functions).toSorted(), functionNames.toSorted())
    assert.deepStrictEqual(
      Object.fromEntries(each.map(([name, { command, environment }]) => [name, { command, environment }])),
      Object.fromEntries(
        Object.entries(functions).map(([name, variables]) => [
          name,
          { command: `${name}/index.handler`, environment: environmentOf(variables) }
        ])
      )
    )
  })

  it("names the standard variables, which every function reads", () => {
    assert.deepStrictEqual(contract.standardVariables, Object.keys(standard).toSorted())
    for (const [name, variables] of Object.entries(functions))
      assert.containsAllKeys(variables, Object.keys(standard), name)
  })

  it.each(functionNames)("the entry point of %s has a handler", (name) => {
    assert.match(read(`src/entry/lambda/${name}.ts`), /^export const ready = /m)
    assert.match(read("src/entry/lambda/index.ts"), /^export const handler = await module\.exports\?\.ready$/m)
  })
})

// That the functions need all of it and no more, the end-to-end tests find out (test/e2e/aws/Permissions.test.ts).
describe("permissions in contract.json", () => {
  it("name actions in full, and nothing is scanned", () => {
    const actions = each.flatMap(([, one]) => allowedOf(one).flatMap((allowed) => allowed.actions))
    assert.isNotEmpty(actions)
    for (const action of actions) assert.match(action, /^[a-z]+:[A-Za-z]+$/)
    assert.notInclude(actions, "dynamodb:Scan")
  })

  it("let a function read the secrets whose variables it has, and no others", () => {
    const variables = { webhook_secret: "webhookSecret", private_key: "privateKey", admin_token: "adminToken" } as const
    for (const [name, one] of each) {
      const read = allowedOf(one)
        .filter(({ actions }) => actions.includes("secretsmanager:GetSecretValue"))
        .flatMap(({ resources }) => resources)
      const expected = Object.entries(variables)
        .filter(([, kind]) => one.environment.includes(secretVariables[kind]))
        .map(([key]) => `secrets/${key}`)
      assert.deepStrictEqual(read.toSorted(), expected.toSorted(), name)
    }
  })

  it("let a function that works off a queue have what Lambda and its code do there", () => {
    const statement = /Sid += "WorkOffQueues"[\s\S]*?Action += \[(.*?)\]/.exec(
      read("infrastructure/terraform/modules/function/permissions.tf")
    )
    const actions = [...(statement?.[1] ?? "").matchAll(/"(.*?)"/g)].map(([, action]) => action)
    assert.deepStrictEqual(actions.toSorted(), [...ofConsumers.byLambda, ...ofConsumers.byFunction].toSorted())
  })

  it("let a function append where it puts: facts to the event log and the read models, plans and started runs to the ledger", () => {
    const appending = each.flatMap(([name, one]) =>
      allowedOf(one)
        .filter(({ actions }) => actions.includes("dynamodb:BatchWriteItem"))
        .flatMap(({ resources }) => resources.map((resource) => `${name}: ${resource}`))
    )
    assert.sameMembers(appending, [
      "planner: tables/ledger",
      "dispatcher: tables/ledger",
      "facts: tables/events",
      "facts: tables/projections",
      "rollup: tables/projections"
    ])
  })

  it("let the rollup look into every queue and its dead letters, and so does its environment", () => {
    const { environment, permissions } = contract.functions.rollup as Described
    const looked = Object.values(permissions)
      .filter(({ actions }) => actions.includes("sqs:GetQueueAttributes"))
      .flatMap(({ resources }) => resources)
    const queues = Object.keys(queueVariables)
    assert.sameMembers(
      looked,
      queues.flatMap((name) => [`queues/${name}`, `queues/${name}-dead`])
    )
    for (const { url, deadLetterUrl } of Object.values(queueVariables)) {
      assert.includeMembers([...environment], [url, deadLetterUrl])
    }
  })

  it("are within the boundary that bootstrap draws", () => {
    const boundary = read("infrastructure/terraform/bootstrap/boundary.tf")
    for (const [name, one] of each) {
      for (const { actions } of allowedOf(one)) {
        for (const action of actions) assert.include(boundary, `"${action}"`, name)
      }
    }
  })
})

describe("what Terraform says beyond the contract", () => {
  const terraform = files.filter(
    (path) => path.startsWith(`${modules}/`) && /^[a-z]+\.tf$/.test(path.split("/").at(-1) ?? "")
  )
  const text = terraform.map(read).join("\n")
  const timeouts = Object.fromEntries(
    [...(/timeouts = \{([^}]*)\}/.exec(text)?.[1] ?? "").matchAll(/(\w+)\s*=\s*(\d+)/g)].map(([, name, seconds]) => [
      name,
      Number(seconds)
    ])
  )

  it("every function has a timeout", () => {
    assert.deepStrictEqual(Object.keys(timeouts).toSorted(), functionNames.toSorted())
  })

  it("GitHub, which waits for 10 seconds, is answered before", () => {
    assert.isAtMost(timeouts.ingress, 10)
  })

  it("a sweep ends before the next begins", () => {
    const [, seconds] = /sweep_seconds = (\d+)/.exec(text) ?? []
    assert.isBelow(timeouts.sweeper ?? Number.NaN, Number(seconds))
    assert.include(read("src/flow/Sweep.ts"), `every: Duration.minutes(${Number(seconds) / 60})`)
  })

  it("a rollup ends before another may take its turn, and is worth a minute's schedule", () => {
    assert.isBelow(timeouts.rollup ?? Number.NaN, leaseMillis / 1000)
    assert.isAtMost(timeouts.rollup ?? Number.NaN, 60)
  })

  it("a policy takes no more targets than the code", () => {
    const [, most] = /max_targets <= (\d+)/.exec(text) ?? []
    assert.strictEqual(Number(most), maxTargetsLimit)
  })

  it("actions of functions are not repeated", () => {
    const stages = ["receive", "plan", "dispatch", "facts", "rollup", "sweep", "dashboard"].map((name) =>
      read(`${modules}/${name}.tf`)
    )
    for (const stage of stages) assert.notMatch(stage, /"(dynamodb|events|secretsmanager):/)
  })

  it("the dispatcher has time to start a workflow", () => {
    const { startTimeout } = Context.get(Context.empty(), Timing)
    assert.isAbove(timeouts.dispatcher, Duration.toSeconds(startTimeout) + Duration.toSeconds("10 seconds"))
  })

  it("an order is hidden for six times what an invocation may take; after a crash its group waits for as long, and the lease is over", () => {
    const { lease } = Context.get(Context.empty(), Timing)
    const { visibilitySeconds } = contract.queues.order
    assert.strictEqual(visibilitySeconds, 6 * (timeouts.dispatcher ?? Number.NaN))
    assert.isAbove(visibilitySeconds, Duration.toSeconds(lease))
    assert.include(
      read("docs/architecture.md"),
      `the visibility time-out of the order queue, ${visibilitySeconds / 60} minutes`
    )
  })

  it("applying moves no alias: a deployment does, a part of the traffic first", () => {
    const aliases = /^resource "aws_lambda_alias"[\s\S]*?^\}/m.exec(
      read("infrastructure/terraform/modules/function/main.tf")
    )
    assert.include(aliases?.[0], "ignore_changes = [function_version, routing_config]")
  })

  it("alarms are about the metrics that the functions publish; of dead letters the queues themselves say how many", () => {
    const metrics = read(`${modules}/metrics.tf`)
    const watched = [...metrics.matchAll(/metric = "(\w+)"/g)].map(([, name = ""]) => name)
    const [, counted = ""] = /counted_answers = \{(.*)\}/.exec(metrics) ?? []
    const ofFrontDoor = [...counted.matchAll(/(\w+) = \d+/g)].map(([, name = ""]) => name)
    assert.sameMembers(
      watched,
      [...Object.keys(alarmMetrics), ...ofFrontDoor].filter((name) => name !== "DeadLetters")
    )
    const shown = read(`${modules}/dashboard.tf`)
    for (const name of [...Object.keys(alarmMetrics), ...ofFrontDoor]) assert.include(shown, `"${name}"`)
  })

  it("metrics have the namespace and the dimension of the code", () => {
    assert.include(text, `own_namespace = "${namespace}"`)
    assert.include(text, `own_dimension = { ${dimension} = var.name }`)
  })

  it("keys, attempts, handlers and tables' names are not repeated", () => {
    assert.notMatch(text, /"(pk|sk|expiresAt)"/)
    assert.notMatch(text, /index\.handler/)
    assert.notMatch(text, /maxReceiveCount\s*=\s*\d/)
    for (const variable of Object.values(tableVariables)) assert.notInclude(text, variable)
  })

  it("the API's routes are those that the functions serve", () => {
    const routes = [...text.matchAll(/"(GET|POST|ANY) (\/[^"]*)"/g)].map(([, method, path]) => `${method} ${path}`)
    assert.deepStrictEqual(
      [...new Set(routes)],
      ["ANY /webhooks/github", "GET /health", "ANY /admin", "ANY /admin/{path+}"]
    )
    assert.include(read("src/entry/routes/Addresses.ts"), '"/webhooks/github"')
    assert.include(read("src/entry/routes/Monitoring.ts"), '"GET", "/health"')
  })

  it("the image that Lambda runs is a target of the Dockerfile", () => {
    assert.match(read("Dockerfile"), /^FROM public\.ecr\.aws\/lambda\/nodejs:24\S* AS lambda$/m)
    assert.include(read("infrastructure/deploy/image.sh"), "--target lambda")
  })
})
