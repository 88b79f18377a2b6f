/** starts.sh asks every new version once whether it starts, with an event in which each function finds nothing to do. */
import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import { isHttpEvent, toRequest } from "../../../src/entry/lambda/ApiGateway.ts"
import { read } from "../Files.ts"
import { awsError, makeScripts } from "./Scripts.ts"

const { run, program, called, forget, remove } = makeScripts()
afterAll(remove)
beforeEach(forget)

const env = { APP_VERSION: "1.2.3" }
const input = "d-facts live 5\nd-rollup live 6\nd-ingress live 9\nd-sweeper live 3\n"
const noFailures = '{"batchItemFailures":[]}'
const health = (version: string) => JSON.stringify({ statusCode: 200, body: JSON.stringify({ status: "ok", version }) })

/** Functions: how each answers, and what AWS says of it. */
const functions = (answers: Readonly<Record<string, string>>, error = "None"): void =>
  program(
    "aws",
    `[[ $2 == invoke ]] || exit 0; answer="\${@: -1}"; case $* in ${Object.entries(answers)
      .map(([name, answer]) => `*"--function-name d-${name} "*) echo '${answer}' > "$answer"; echo ${error} ;;`)
      .join("\n")} esac`
  )
const asked = () =>
  called().flatMap((call) => /invoke --function-name (\S+) --qualifier (\S+)/.exec(call)?.slice(1).join(":") ?? [])

describe("starts.sh", () => {
  it("asks each version once, and never the sweeper, which would sweep", async () => {
    functions({ facts: noFailures, rollup: noFailures, ingress: health("1.2.3") })
    const { status, stderr } = await run("deploy/starts.sh", [], { env, input })
    assert.strictEqual(status, 0, stderr)
    assert.deepStrictEqual(asked(), ["d-facts:5", "d-rollup:6", "d-ingress:9"])
    const first = "aws lambda wait published-version-active --function-name d-facts --qualifier 5"
    assert.strictEqual(called()[0], first)
  })

  it("fails where a function does not start, and still asks the others", async () => {
    functions(
      { facts: '{"errorMessage":"LEDGER_TABLE is missing"}', rollup: noFailures, ingress: health("1.2.3") },
      "Unhandled"
    )
    const { status, stderr } = await run("deploy/starts.sh", [], { env, input })
    assert.strictEqual(status, 1)
    assert.match(stderr, /FAILED: d-facts in version 5 answers:\n.*LEDGER_TABLE is missing/)
    assert.strictEqual(asked().length, 3)
  })

  it.each([
    ["another version", health("1.2.2")],
    ["an error", '{"statusCode":503,"body":"{}"}'],
    ["nothing", ""]
  ])("fails where a function answers with %s", async (_, answer) => {
    functions({ facts: noFailures, rollup: noFailures, ingress: answer })
    const { status, stderr } = await run("deploy/starts.sh", [], { env, input })
    assert.strictEqual(status, 1)
    assert.match(stderr, /FAILED: d-ingress/)
  })

  it("fails where it may not ask", async () => {
    program("aws", awsError("AccessDeniedException"))
    const { status, stderr } = await run("deploy/starts.sh", [], { env, input })
    assert.notStrictEqual(status, 0)
    assert.match(stderr, /AccessDeniedException/)
  })
})

describe("the event", () => {
  const event = JSON.parse(read("infrastructure/deploy/start-event.json"))

  it("is a request for /health to functions behind API Gateway", () => {
    assert.isTrue(isHttpEvent(event))
    assert.strictEqual(new URL(toRequest(event).url).pathname, "/health")
  })

  it("is an empty batch to functions behind queues", () => {
    assert.deepStrictEqual(event.Records, [])
  })
})
