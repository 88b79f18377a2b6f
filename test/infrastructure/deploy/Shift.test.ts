/** shift.sh gives new versions a share, then everything; or it goes back. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import { awsError, makeScripts } from "./Scripts.ts"

const { folder, run, program, called, forget, remove } = makeScripts()
afterAll(remove)

const state = join(folder, "state")
const looks = join(folder, "looks")
const env = { SYSTEM: "dispatcher-dev", SHIFT_SECONDS: "3", SHIFT_PAUSE: "1" }
const wanted = "d-planner live 8\nd-facts live 5\nd-rollup live 5\n"

/** What an alias names: its version, and the routing configuration as it was last set. */
const alias = (name: string): string => readFileSync(join(state, name), "utf8").trim()

/**
 * An account with three functions; `d-rollup:live` names its new version already. `ringing` prints the alarms that ring, with the
 * number of the look in `$look`; `update` stands before an alias is changed.
 */
const account = ({ ringing = "", update = "" }: { readonly ringing?: string; readonly update?: string } = {}): void => {
  rmSync(state, { recursive: true, force: true })
  mkdirSync(state)
  for (const [name, version] of Object.entries({ "d-planner:live": 7, "d-facts:live": 4, "d-rollup:live": 5 })) {
    writeFileSync(join(state, name), `${version}\n`)
  }
  writeFileSync(looks, "")
  program(
    "aws",
    `option() { while (($# > 1)); do [[ $1 == "$name" ]] && echo "$2" && return; shift; done; }
    get() { local name=$1; shift; option "$@"; }
    alias="$(get --function-name "$@"):$(get --name "$@")"
    case $2 in
      get-alias) read -r version _ < "${state}/$alias"; echo "$version" ;;
      update-alias)
        ${update}
        read -r version _ < "${state}/$alias"
        moved=$(get --function-version "$@")
        echo "\${moved:-$version} $(get --routing-config "$@")" > "${state}/$alias" ;;
      describe-alarms) echo look >> ${looks}; look=$(wc -l < ${looks}); ${ringing} ;;
    esac`
  )
}

const none = '{"AdditionalVersionWeights":{}}'
const before = { "d-planner:live": "7", "d-facts:live": "4", "d-rollup:live": "5" }
const wentBack = { "d-planner:live": `7 ${none}`, "d-facts:live": `4 ${none}`, "d-rollup:live": "5" }
const now = () => Object.fromEntries(Object.keys(before).map((name) => [name, alias(name)]))
const shift = (more: Readonly<Record<string, string>> = {}) =>
  run("deploy/shift.sh", [], { env: { ...env, ...more }, input: wanted })

beforeEach(() => {
  forget()
  program("sleep", "")
})

describe("shift.sh", () => {
  it("gives what changes a share, looks at the alarms, and then gives it everything", async () => {
    account()
    const { status, stderr } = await shift()
    assert.strictEqual(status, 0, stderr)
    assert.deepStrictEqual(now(), { ...wentBack, "d-planner:live": `8 ${none}`, "d-facts:live": `5 ${none}` })
    assert.match(stderr, /d-planner:live gives 10 % to version 8\nd-facts:live gives 10 % to version 5\n/)
    const steps = called().flatMap((call) => (call.startsWith("aws ") ? (call.split(" ")[2] ?? "") : []))
    assert.deepStrictEqual(steps, [
      ...["get-alias", "get-alias", "get-alias", "describe-alarms", "update-alias", "update-alias"],
      ...["describe-alarms", "describe-alarms", "describe-alarms", "update-alias", "update-alias"]
    ])
    assert.isTrue(called().some((call) => call.includes("--alarm-name-prefix dispatcher-dev- --state-value ALARM")))
  })

  it("moves everything at once where it is to wait for nothing", async () => {
    account({ ringing: "((look < 2)) || echo dispatcher-dev-planner-errors" })
    assert.strictEqual((await shift({ SHIFT_SECONDS: "0" })).status, 0)
    assert.strictEqual(alias("d-planner:live"), `8 ${none}`)
  })

  it("goes back when an alarm rings, and says which", async () => {
    account({ ringing: `((look < 3)) || printf 'dispatcher-dev-planner-errors\\tdispatcher-dev-plan-age\\n'` })
    const { status, stderr } = await shift()
    assert.strictEqual(status, 1)
    assert.match(stderr, /Back: dispatcher-dev-plan-age dispatcher-dev-planner-errors/)
    assert.deepStrictEqual(now(), wentBack)
  })

  it("does not begin while an alarm rings", async () => {
    account({ ringing: "echo dispatcher-dev-server-errors" })
    const { status, stderr } = await shift()
    assert.strictEqual(status, 1)
    assert.match(stderr, /Not begun.*dispatcher-dev-server-errors/)
    assert.deepStrictEqual(now(), before)
  })

  it("begins despite trouble where that is asked for, and counts new trouble only", async () => {
    account({ ringing: "echo dispatcher-dev-server-errors" })
    const { status } = await shift({ DESPITE_TROUBLE: "true" })
    assert.strictEqual(status, 0)
    assert.strictEqual(alias("d-planner:live"), `8 ${none}`)
    account({ ringing: "echo dispatcher-dev-server-errors; ((look < 2)) || echo dispatcher-dev-planner-errors" })
    const second = await shift({ DESPITE_TROUBLE: "true" })
    assert.strictEqual(second.status, 1)
    assert.match(second.stderr, /Back: dispatcher-dev-planner-errors$/m)
  })

  it("goes back when an alias cannot be changed", async () => {
    account({ update: `[[ $* == *d-facts*'"5":0.1'* ]] && { ${awsError("TooManyRequestsException")}; }` })
    const { status, stderr } = await shift()
    assert.strictEqual(status, 1)
    assert.match(stderr, /TooManyRequestsException[\s\S]*Back: an alias could not be changed/)
    assert.deepStrictEqual(now(), wentBack)
  })

  it("goes back when an alias cannot be moved, and says so where not all went back", async () => {
    account({ update: `[[ $* == *d-facts*--function-version* ]] && { ${awsError("ServiceException")}; }` })
    const { status, stderr } = await shift()
    assert.strictEqual(status, 1)
    assert.match(stderr, /Back: an alias could not be moved[\s\S]*NOT ALL went back/)
    assert.strictEqual(alias("d-planner:live"), `7 ${none}`)
  })

  it("bears it when the alarms cannot be seen for a look, and goes back when it cannot see them at all", async () => {
    account({ ringing: `((look != 3)) || { ${awsError("Throttling")}; }` })
    assert.strictEqual((await shift()).status, 0)
    account({ ringing: `((look < 2)) || { ${awsError("Throttling")}; }` })
    const { status, stderr } = await shift()
    assert.strictEqual(status, 1)
    assert.match(stderr, /Back: the alarms cannot be seen/)
    assert.deepStrictEqual(now(), wentBack)
  })

  it("goes back when the deployment is stopped", async () => {
    account({ ringing: "((look < 2)) || kill -TERM $PPID" })
    const { status, stderr } = await shift({ SHIFT_SECONDS: "60" })
    assert.strictEqual(status, 1)
    assert.match(stderr, /Back: the deployment was stopped/)
    assert.deepStrictEqual(now(), wentBack)
  })

  it("fails before it changes anything where an alias cannot be read", async () => {
    account()
    program("aws", awsError("AccessDeniedException"))
    assert.notStrictEqual((await shift()).status, 0)
    assert.deepStrictEqual(now(), before)
  })

  it("does nothing where every alias names its version", async () => {
    account()
    const { status, stderr } = await run("deploy/shift.sh", [], { env, input: "d-rollup live 5\n" })
    assert.strictEqual(status, 0)
    assert.match(stderr, /names its version already/)
    assert.deepStrictEqual(now(), before)
  })
})
