/** drift.sh says what differs from what was deployed, and drift-issue.sh keeps one issue about it. */
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import { root } from "../Files.ts"
import { awsError, makeScripts } from "./Scripts.ts"

const { folder, run, program, called, forget, remove } = makeScripts()
afterAll(remove)
beforeEach(forget)

const commit = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { cwd: root, encoding: "utf8" }).trim()
const env = { ENVIRONMENT: "prod", STATE_BUCKET: "bucket", AWS_REGION: "eu-central-1" }
const release = { digest: "sha256:1", version: `1.2.3+${commit}` }
const versions = { "d-facts:live": "5", "d-rollup:live": "5", "d-planner:live": "8" }
const outputs = { release: { value: release }, versions: { value: versions } }

/** An environment: what its state says, how `terraform plan` exits, and what a question for an alias does. */
const environment = (state: unknown, exit: number, alias = "case $* in *planner*) echo 8 ;; *) echo 5 ;; esac") => {
  writeFileSync(join(folder, "state.json"), JSON.stringify(state))
  program(
    "terraform",
    `case "$*" in
      *output*) cat ${join(folder, "state.json")} ;;
      plan*) pwd > ${join(folder, "planned-in")}; exit ${exit} ;;
      show*) echo "Plan: 0 to add, 1 to change, 0 to destroy." ;;
    esac`
  )
  program("aws", `case $1 in sts) printf '%012d\\n' 42 ;; lambda) ${alias} ;; esac`)
}

describe("drift.sh", () => {
  it("prints nothing where nothing differs, and plans in a checkout of what was deployed", async () => {
    environment(outputs, 0)
    const { status, stdout, stderr } = await run("deploy/drift.sh", [], { env })
    assert.strictEqual(status, 0, stderr)
    assert.strictEqual(stdout, "")
    const plannedIn = readFileSync(join(folder, "planned-in"), "utf8")
    assert.match(plannedIn, /\/deployed\/infrastructure\/terraform\/environments\/prod\n$/)
    assert.notInclude(plannedIn, root)
    const worktrees = execFileSync("git", ["worktree", "list"], { cwd: root, encoding: "utf8" })
    assert.notInclude(worktrees, "/deployed")
  })

  it("prints the plan where it is not empty", async () => {
    environment(outputs, 2)
    const { status, stdout } = await run("deploy/drift.sh", [], { env })
    assert.strictEqual(status, 0)
    assert.strictEqual(stdout, "Plan: 0 to add, 1 to change, 0 to destroy.\n")
  })

  it("prints the aliases that name another version, which Terraform does not look at", async () => {
    environment(outputs, 0, "case $* in *planner*) echo 7 ;; *) echo 5 ;; esac")
    const { status, stdout } = await run("deploy/drift.sh", [], { env })
    assert.strictEqual(status, 0)
    assert.strictEqual(stdout, "The alias d-planner:live names version 7, which is not the one that was deployed.\n")
  })

  it.each([
    ["Terraform cannot plan", 1, undefined, outputs],
    ["an alias cannot be read", 0, awsError("AccessDeniedException"), outputs],
    ["the version names no commit", 0, undefined, { ...outputs, release: { value: { ...release, version: "1.2.3" } } }]
  ])("fails where %s", async (_, exit, alias, state) => {
    environment(state, exit, alias)
    const { status, stdout } = await run("deploy/drift.sh", [], { env })
    assert.notStrictEqual(status, 0)
    assert.strictEqual(stdout, "")
  })

  it("is content where nothing was deployed yet", async () => {
    environment({}, 1)
    const { status, stderr } = await run("deploy/drift.sh", [], { env })
    assert.strictEqual(status, 0)
    assert.match(stderr, /Nothing is deployed to prod/)
  })
})

describe("drift-issue.sh", () => {
  const repository = { ENVIRONMENT: "prod", GITHUB_REPOSITORY: "example/dispatcher", GITHUB_RUN_ID: "9" }
  const file = join(folder, "drift.txt")
  const title = "prod is not what was deployed"

  /** Runs it with these open issues; what it asked of GitHub but for the list, and the text of the issue. */
  const report = async (text: string, issues: ReadonlyArray<{ readonly number: number; readonly title: string }>) => {
    writeFileSync(file, text)
    program(
      "gh",
      `case $2 in list) echo '${JSON.stringify(issues)}' ;; esac
      while (($# > 1)); do [[ $1 != --body-file ]] || cp "$2" ${join(folder, "body")}; shift; done`
    )
    forget()
    const { status, stderr } = await run("deploy/drift-issue.sh", [file], { env: repository })
    assert.strictEqual(status, 0, stderr)
    return called().flatMap((call) => (call.startsWith("gh issue list") ? [] : call.split(" ").slice(1, 4).join(" ")))
  }
  const others = [{ number: 3, title: "dev is not what was deployed" }]

  it("opens an issue", async () => {
    assert.deepStrictEqual(await report("Plan: 1 to change", others), ["label create drift", "issue create --repo"])
    assert.include(called().at(-1), `--title ${title} --label drift`)
    const body = readFileSync(join(folder, "body"), "utf8")
    assert.include(body, "Plan: 1 to change")
    assert.include(body, "https://github.com/example/dispatcher/actions/runs/9")
  })

  it("brings the open one up to date, and opens no second", async () => {
    assert.deepStrictEqual(await report("Plan: 2 to change", [...others, { number: 4, title }]), ["issue edit 4"])
    assert.include(readFileSync(join(folder, "body"), "utf8"), "Plan: 2 to change")
  })

  it("fits into an issue", async () => {
    await report("x".repeat(100_000), [])
    assert.isBelow(readFileSync(join(folder, "body"), "utf8").length, 65_536)
  })

  it("closes it when nothing differs any more", async () => {
    assert.deepStrictEqual(await report("", [{ number: 4, title }]), ["issue close 4"])
    assert.deepStrictEqual(await report("", others), [])
  })
})

describe("plan-comment.sh", () => {
  const repository = { ENVIRONMENT: "prod", GITHUB_REPOSITORY: "example/dispatcher", PULL_REQUEST: "7" }
  const file = join(folder, "plan.txt")
  const bot = { login: "github-actions[bot]" }

  const comment = async (comments: ReadonlyArray<unknown>) => {
    writeFileSync(file, "Terraform will perform\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n")
    program(
      "gh",
      `[[ $* != *--paginate* ]] || echo '${JSON.stringify(comments)}'
      for word in "$@"; do [[ $word != body=@* ]] || cp "\${word#body=@}" ${join(folder, "body")}; done`
    )
    const { status, stderr } = await run("deploy/plan-comment.sh", [file], { env: repository })
    assert.strictEqual(status, 0, stderr)
    return called().at(-1)?.split(" ").slice(2, 5).join(" ")
  }

  it("writes a comment, and says first what would change", async () => {
    const stranger = { id: 1, user: { login: "stranger" }, body: "<!-- plan for prod -->" }
    const dev = { id: 2, user: bot, body: "<!-- plan for dev -->" }
    assert.strictEqual(await comment([stranger, dev]), "--method POST repos/example/dispatcher/issues/7/comments")
    const body = readFileSync(join(folder, "body"), "utf8")
    assert.match(body, /^<!-- plan for prod -->\nPlan for `prod`.*: Plan: 1 to add, 0 to change, 0 to destroy\.\n/)
  })

  it("replaces its earlier one", async () => {
    const earlier = { id: 5, user: bot, body: "<!-- plan for prod -->\nold" }
    assert.strictEqual(await comment([earlier]), "--method PATCH repos/example/dispatcher/issues/comments/5")
  })
})
