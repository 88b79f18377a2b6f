/** gate.sh lets through what is green on main, and asked for by who may. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import { makeScripts } from "./Scripts.ts"

const { folder, run, program, called, forget, remove } = makeScripts()
afterAll(remove)
beforeEach(forget)

const output = join(folder, "output")
const sha = "a".repeat(40)
const planned = "b".repeat(40)
const plan = {
  environment: "prod",
  sha: planned,
  plan: "plans/prod/7.tar.gz",
  sha256: "5a",
  version: "1.2.3",
  digest: "sha256:1"
}

interface World {
  /** Commits with a green CI on main. */
  readonly green?: ReadonlyArray<string>
  /** What GitHub says of the environment: how many reviewers it asks, or the status of a failure. */
  readonly environment?: { readonly reviewers: number } | { readonly failure: string }
  /** What GitHub says of the run that is approved. */
  readonly approvedRun?: unknown
  readonly artifact?: unknown
}

/** What GitHub's API says of an environment. */
const environmentOf = (reviewers: number) => ({
  protection_rules: [
    { type: "branch_policy" },
    ...(reviewers === 0
      ? []
      : [{ type: "required_reviewers", reviewers: Array.from({ length: reviewers }, () => ({})) }])
  ]
})

/** GitHub's command line: answers as the API does, of which `--jq` takes its part. */
const github = ({
  green = [sha, planned],
  environment = { reviewers: 0 },
  approvedRun = {},
  artifact = plan
}: World): void => {
  writeFileSync(join(folder, "plan.json"), JSON.stringify(artifact))
  const said = "failure" in environment
  program(
    "gh",
    `answer() { while (($# > 1)); do [[ $1 != --jq ]] || exec jq -r "$2" <<< "$body"; shift; done; }
    case "$*" in
      api\\ */environments/*)
        ${said ? `echo "gh: it failed (HTTP ${environment.failure})" >&2; exit 1` : `body='${JSON.stringify(environmentOf(environment.reviewers))}'; answer "$@"`} ;;
      ${green.map((commit) => `api\\ *head_sha=${commit}\\&branch=main\\&event=push\\&status=success*) body='{"total_count":1}'; answer "$@" ;;`).join("\n")}
      api\\ */runs\\?*) body='{"total_count":0}'; answer "$@" ;;
      api\\ */actions/runs/7\\ *) body='${JSON.stringify(approvedRun)}'; answer "$@" ;;
      run\\ download\\ 7\\ *--name\\ plan*) cp ${join(folder, "plan.json")} "\${@: -1}" ;;
      *) exit 3 ;;
    esac`
  )
}

/** A run of deploy.yml that made a plan, as GitHub's API shows it, but for what is given. */
const runOf = (different: Readonly<Record<string, unknown>>) => ({
  path: ".github/workflows/deploy.yml",
  head_sha: planned,
  status: "completed",
  conclusion: "success",
  triggering_actor: { login: "Grace" },
  ...different
})

const gate = async (env: Readonly<Record<string, string>>) => {
  writeFileSync(output, "")
  const { status, stdout, stderr } = await run("deploy/gate.sh", [], {
    env: {
      ...{ ENVIRONMENT: "prod", GITHUB_REPOSITORY: "example/dispatcher", GITHUB_SHA: sha, GITHUB_OUTPUT: output },
      ...{ GITHUB_TRIGGERING_ACTOR: "Ada", ...env }
    }
  })
  const answers = Object.fromEntries(
    readFileSync(output, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split("=") as [string, string])
  )
  return { status, answers, said: `${stdout}${stderr}` }
}

describe("gate.sh where GitHub asks reviewers", () => {
  const environment = { reviewers: 2 }

  it("has the plan applied in the same run, by which person it was started", async () => {
    github({ environment })
    const { status, answers, said } = await gate({ GITHUB_TRIGGERING_ACTOR: "a-colleague" })
    assert.strictEqual(status, 0, said)
    assert.deepStrictEqual(answers, { sha, apply: "true" })
  })

  it("refuses a commit whose CI was not green on main", async () => {
    github({ environment, green: [] })
    const { status, said } = await gate({})
    assert.strictEqual(status, 1)
    assert.match(said, /::error::CI on main did not succeed for a+/)
  })

  it("takes no other approval", async () => {
    github({ environment, approvedRun: runOf({}) })
    const { status, said } = await gate({ DEPLOYERS: "ada grace", APPROVE: "7" })
    assert.strictEqual(status, 1)
    assert.match(said, /they approve in the run that made the plan/)
  })
})

describe("gate.sh where GitHub asks for no approval", () => {
  const DEPLOYERS = "ada, Grace"
  const approvedRun = runOf({})

  it.each([
    ["no person is named", "", "Ada", /DEPLOYERS is empty/],
    ["another is named", "grace", "Ada", /ada is not in DEPLOYERS/],
    ["a part of the name is named", "adam", "Ada", /ada is not in DEPLOYERS/]
  ])("refuses where %s", async (_, names, actor, message) => {
    github({})
    const { status, said } = await gate({ DEPLOYERS: names, GITHUB_TRIGGERING_ACTOR: actor })
    assert.strictEqual(status, 1)
    assert.match(said, message)
  })

  it("applies at once in dev, and plans only for prod", async () => {
    github({ environment: { failure: "404" } })
    assert.deepStrictEqual((await gate({ DEPLOYERS, ENVIRONMENT: "dev" })).answers, { sha, apply: "true" })
    assert.deepStrictEqual((await gate({ DEPLOYERS })).answers, { sha, apply: "false" })
  })

  it("takes no trouble for an environment without reviewers", async () => {
    github({ environment: { failure: "502" } })
    const { status, said } = await gate({ DEPLOYERS, ENVIRONMENT: "dev" })
    assert.notStrictEqual(status, 0)
    assert.match(said, /HTTP 502/)
  })

  it("applies the plan that another made, of its commit", async () => {
    github({ approvedRun, green: [planned] })
    const { status, answers, said } = await gate({ DEPLOYERS, APPROVE: "7" })
    assert.strictEqual(status, 0, said)
    const { environment, ...rest } = plan
    assert.deepStrictEqual(answers, { ...rest, apply: "true" })
    assert.isTrue(called().some((call) => call.includes("run download 7 --repo example/dispatcher --name plan")))
  })

  it.each([
    [
      "one's own plan",
      { approvedRun: runOf({ triggering_actor: { login: "Ada" } }) },
      /another of the deployers approves/
    ],
    ["a run that failed", { approvedRun: runOf({ conclusion: "failure" }) }, /made no plan/],
    ["a run that is not over", { approvedRun: runOf({ conclusion: null, status: "in_progress" }) }, /\(in_progress\)/],
    ["a run of another workflow", { approvedRun: runOf({ path: ".github/workflows/evil.yml" }) }, /made no plan/],
    ["a plan for another environment", { approvedRun, artifact: { ...plan, environment: "dev" } }, /something else/],
    ["a plan of another commit", { approvedRun, artifact: { ...plan, sha } }, /something else/],
    ["a commit that is not green", { approvedRun, green: [sha] }, /CI on main did not succeed for b+/]
  ])("refuses to approve %s", async (_, world, message) => {
    github(world)
    const { status, answers, said } = await gate({ DEPLOYERS, APPROVE: "7" })
    assert.strictEqual(status, 1)
    assert.match(said, message)
    assert.notProperty(answers, "apply")
  })

  it("has the only deployer approve the own plan", async () => {
    github({ approvedRun: runOf({ triggering_actor: { login: "Ada" } }) })
    assert.strictEqual((await gate({ DEPLOYERS: "ada", APPROVE: "7" })).status, 0)
  })

  it("takes an id and nothing else", async () => {
    github({ approvedRun })
    const { status, said } = await gate({ DEPLOYERS, APPROVE: "7/../8" })
    assert.strictEqual(status, 1)
    assert.match(said, /approve is the id of a run/)
  })
})
