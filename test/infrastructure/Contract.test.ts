/**
 * What Terraform makes is what the code expects. Terraform reads `contract.json` and repeats nothing of it (its own tests say so); here it
 * is held to the code's own descriptions.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration } from "effect"
import { functionNames } from "../../scripts/build-lambda.ts"
import { tableSchema, tableVariables } from "../../src/adapters/aws/DynamoTables.ts"
import { secretVariables } from "../../src/adapters/aws/Secrets.ts"
import { queueSettings } from "../../src/adapters/aws/SqsQueues.ts"
import { functions } from "../../src/entry/lambda/Configuration.ts"
import { Timing } from "../../src/flow/Settings.ts"
import { maxAttempts } from "../../src/ports/WorkQueue.ts"
import { files, read } from "./Files.ts"

const modules = "infrastructure/terraform/modules/dispatcher"
const contract = JSON.parse(read(`${modules}/contract.json`))

/** On AWS, a secret is given by the ARN of its place; the previous one is in the same place. */
const onAws = (variable: string): ReadonlyArray<string> => {
  if (variable.endsWith("_PREVIOUS")) return []
  const arn = `${variable}_ARN`
  return [Object.values<string>(secretVariables).includes(arn) ? arn : variable]
}
const environmentOf = (variables: object): ReadonlyArray<string> => Object.keys(variables).flatMap(onAws).toSorted()

describe("contract.json", () => {
  it("tells the tables' keys, expiry and variables as the code does", () => {
    assert.deepStrictEqual(contract.tables, { ...tableSchema, variables: tableVariables })
  })

  it("tells how often queues hand messages out, and how long they keep dead letters", () => {
    assert.deepStrictEqual(contract.queues, {
      maxReceiveCount: queueSettings.maxReceiveCount,
      deadLetterDays: Duration.toDays(queueSettings.deadLetterRetention)
    })
    // Our own way to the dead-letter queue, which says why, comes first.
    assert.isAbove(contract.queues.maxReceiveCount, maxAttempts)
  })

  it("tells the functions that are built, with their handlers and the variables that they read", () => {
    assert.deepStrictEqual(Object.keys(functions).toSorted(), functionNames.toSorted())
    assert.deepStrictEqual(
      contract.functions,
      Object.fromEntries(
        Object.entries(functions).map(([name, variables]) => [
          name,
          { command: `${name}/index.handler`, environment: environmentOf(variables) }
        ])
      )
    )
  })

  it.each(functionNames)("the entry point of %s has a handler", (name) => {
    assert.match(read(`src/entry/lambda/${name}.ts`), /^export const handler = /m)
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

  it("the dispatcher has time to start a workflow, and is ended before somebody else may take its order over", () => {
    const { startTimeout, lease } = Context.get(Context.empty(), Timing)
    assert.isAbove(timeouts.dispatcher, Duration.toSeconds(startTimeout))
    assert.isAtMost(timeouts.dispatcher, Duration.toSeconds(lease))
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
      ["POST /webhooks/github", "GET /health", "ANY /admin", "ANY /admin/{path+}"]
    )
    assert.include(read("src/entry/routes/Webhook.ts"), 'HttpRouter.add("POST", "/webhooks/github"')
    assert.include(read("src/entry/routes/Health.ts"), 'HttpRouter.add("GET", "/health"')
  })

  it("the image that Lambda runs is a target of the Dockerfile", () => {
    assert.match(read("Dockerfile"), /^FROM public\.ecr\.aws\/lambda\/nodejs:24\S* AS functions$/m)
    assert.match(read("Dockerfile"), /^FROM functions AS lambda$/m)
    assert.include(read("infrastructure/deploy/image.sh"), "--target lambda")
  })
})
