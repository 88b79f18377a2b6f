/** drill.sh restores beside the running tables, rebuilds from what was restored, and leaves nothing. */
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import { awsError, makeScripts } from "./Scripts.ts"

const { folder, run, program, called, forget, remove } = makeScripts()
afterAll(remove)

const env = { SYSTEM: "dispatcher-prod", TMPDIR: folder, DRILL_PAUSE: "0" }
const keys = {
  KeySchema: [{ AttributeName: "partition", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "partition", AttributeType: "S" }]
}

/** Tables: those of the system, and those that the drill makes, which are there at the second look. `restore` stands in for a restore. */
const dynamo = ({ restore = "", leftover = "" } = {}): void => {
  rmSync(join(folder, "made"), { recursive: true, force: true })
  program(
    "aws",
    `made=${join(folder, "made")}
    case $2 in
      restore-table-to-point-in-time) ${restore} touch "$made" ;;
      create-table) touch "$made" ;;
      describe-table)
        if [[ $* == *"--output json"* ]]; then echo '${JSON.stringify({ Table: { ...keys, ItemCount: 1 } })}'
        elif [[ "$4" == "${leftover}" ]]; then echo ACTIVE
        elif [[ ! -e $made ]]; then ${awsError("ResourceNotFoundException")}
        elif [[ ! -e $made-$4 ]]; then touch "$made-$4"; echo CREATING
        else echo ACTIVE; fi ;;
    esac`
  )
  program("npm", 'echo "$EVENTS_TABLE $PROJECTIONS_TABLE $LEDGER_TABLE"')
}
const steps = () => called().flatMap((call) => /^(npm|aws dynamodb (?!describe)\S+)/.exec(call)?.[0] ?? [])
const removed = () => called().flatMap((call) => /delete-table --table-name (\S+)/.exec(call)?.[1] ?? [])
const all = ["dispatcher-prod-events-drill", "dispatcher-prod-ledger-drill", "dispatcher-prod-projections-drill"]

beforeEach(forget)

describe("drill.sh", () => {
  it("restores, rebuilds from what was restored, and removes it", async () => {
    dynamo()
    const { status, stdout, stderr } = await run("deploy/drill.sh", [], { env })
    assert.strictEqual(status, 0, stderr)
    assert.strictEqual(stdout, `${all[0]} ${all[2]} ${all[1]}\n`)
    assert.deepStrictEqual(steps(), [
      ...["aws dynamodb restore-table-to-point-in-time", "aws dynamodb restore-table-to-point-in-time"],
      ...["aws dynamodb create-table", "npm"],
      ...["aws dynamodb delete-table", "aws dynamodb delete-table", "aws dynamodb delete-table"]
    ])
    assert.deepStrictEqual(removed(), all)
    const created = JSON.parse(readFileSync(join(folder, "dispatcher-prod-drill.json"), "utf8"))
    assert.deepStrictEqual(created, { TableName: all[2], ...keys, BillingMode: "PAY_PER_REQUEST" })
  })

  it("removes no table but its own", async () => {
    dynamo()
    await run("deploy/drill.sh", [], { env })
    assert.isTrue(removed().every((table) => table.endsWith("-drill")))
  })

  it("leaves the tables where that is asked for", async () => {
    dynamo()
    const { status } = await run("deploy/drill.sh", [], { env: { ...env, KEEP: "true" } })
    assert.strictEqual(status, 0)
    assert.deepStrictEqual(removed(), [])
  })

  it("fails where a table cannot be restored, and removes what it made", async () => {
    dynamo({ restore: `[[ $* == *-ledger-drill* ]] && { ${awsError("PointInTimeRecoveryUnavailableException")}; };` })
    const { status, stderr } = await run("deploy/drill.sh", [], { env })
    assert.notStrictEqual(status, 0)
    assert.match(stderr, /PointInTimeRecoveryUnavailableException/)
    assert.deepStrictEqual(removed(), [all[0]])
  })

  it("fails where the rebuild fails, and removes what it made", async () => {
    dynamo()
    program("npm", "exit 1")
    assert.notStrictEqual((await run("deploy/drill.sh", [], { env })).status, 0)
    assert.deepStrictEqual(removed(), all)
  })

  it("begins with nothing of an earlier drill", async () => {
    dynamo({ leftover: "dispatcher-prod-ledger-drill" })
    const { status, stderr } = await run("deploy/drill.sh", [], { env })
    assert.strictEqual(status, 1)
    assert.match(stderr, /dispatcher-prod-ledger-drill exists: remove it first/)
    assert.deepStrictEqual(removed(), [])
  })
})
