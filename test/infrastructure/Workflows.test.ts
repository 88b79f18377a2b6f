/** The workflows are valid by GitHub's own check, and grant no more than they must. */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { parse } from "yaml"
import { files, read } from "./Files.ts"
import { makeLinter } from "./WorkflowLint.ts"

interface Step {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}
interface Job {
  readonly environment?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly "timeout-minutes"?: number
  readonly steps: ReadonlyArray<Step>
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly concurrency: { readonly group: string; readonly "cancel-in-progress": unknown }
  readonly jobs: Readonly<Record<string, Job>>
}

const paths = files.filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))
const workflow = (path: string): Workflow => parse(read(path))
const jobsOf = (path: string) => Object.values(workflow(path).jobs)
const stepsOf = (path: string) => jobsOf(path).flatMap(({ steps }) => steps)

let lint: Awaited<ReturnType<typeof makeLinter>>
beforeAll(async () => {
  lint = await makeLinter()
})

describe("the linter", () => {
  it("finds what is wrong", async () => {
    const text = [
      "on: push",
      "jobs:",
      "  a:",
      "    runs-on: ubuntu-24.04",
      "    needs: nothing",
      "    stepz: []",
      "    steps:",
      "      - run: echo ${{ github.ref",
      "      - uses: actions/checkout"
    ].join("\n")
    const findings = (await lint(".github/workflows/wrong.yml", text)).join("\n")
    for (const line of [5, 6, 8, 9]) assert.match(findings, new RegExp(`^${line}: `, "m"))
  })
})

describe.each(paths)("%s", (path) => {
  it("is valid", async () => {
    assert.deepStrictEqual(await lint(path, read(path)), [])
  })

  it("pins every action by its full commit, and says which version that is", () => {
    const uses = [...read(path).matchAll(/uses: *(.*)/g)].map(([, action = ""]) => action)
    assert.deepStrictEqual(
      uses.filter((action) => !/^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action)),
      []
    )
  })

  it("gives its token read access to the contents at most, and an identity only where AWS is asked", () => {
    for (const { permissions = {}, steps } of [{ ...workflow(path), steps: [] }, ...jobsOf(path)]) {
      const asksAws = steps.some(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@"))
      const allowed = { contents: "read", ...(asksAws ? { "id-token": "write" } : {}) }
      assert.deepStrictEqual({ ...allowed, ...permissions }, allowed)
    }
    assert.isDefined(workflow(path).permissions)
  })

  it("leaves no token behind in the checked out repository", () => {
    const checkouts = stepsOf(path).filter(({ uses }) => uses?.startsWith("actions/checkout@"))
    assert.isNotEmpty(checkouts)
    for (const checkout of checkouts) assert.strictEqual(checkout.with?.["persist-credentials"], false)
  })

  it("puts no expression into a script: values come through the environment", () => {
    const scripts = stepsOf(path).flatMap(({ run }) => run ?? [])
    assert.deepStrictEqual(
      scripts.filter((run) => run.includes("${{")),
      []
    )
  })

  it("takes nothing that a stranger could write from the event", () => {
    assert.notMatch(read(path), /pull_request_target|github\.event\.(?!action)|github\.head_ref|issue_comment/)
  })

  it("does not run beside itself, nor for ever", () => {
    assert.isString(workflow(path).concurrency.group)
    for (const job of jobsOf(path)) assert.isNumber(job["timeout-minutes"])
  })
})

describe("deploy.yml", () => {
  const path = ".github/workflows/deploy.yml"
  const { jobs, concurrency } = workflow(path)
  const names = (job: Job | undefined) => job?.steps.flatMap(({ name }) => name ?? [])

  it("is started by people or by a tag, and never cancels what it began", () => {
    assert.deepStrictEqual(Object.keys(workflow(path).on), ["workflow_dispatch", "push"])
    assert.deepStrictEqual(workflow(path).on.push, { tags: ["v*"] })
    assert.isFalse(concurrency["cancel-in-progress"])
  })

  it("plans, and applies after approval, in environments of their own", () => {
    assert.match(jobs.plan?.environment ?? "", /-plan$/)
    assert.match(jobs.apply?.environment ?? "", /\}\}$/)
    assert.deepStrictEqual(names(jobs.plan), ["Build and push the image", "Plan", "Show the plan", "Save the plan"])
    assert.deepStrictEqual(names(jobs.apply), [
      "Fetch the plan that was approved",
      "Remember what runs now",
      "Apply the plan",
      "Smoke test",
      "Roll back"
    ])
  })

  it("applies the saved plan and no other", () => {
    assert.match(read(path), /sha256sum --check --strict/)
    const applied = [...read(path).matchAll(/terraform\S*(?: -chdir=\S+)? apply (.*)$/gm)].map(([, what]) => what)
    assert.deepStrictEqual(applied, ["deployment.tfplan"])
  })

  it("knows account, role, region and bucket from settings only, and no long-lived key", () => {
    const settings = [...read(path).matchAll(/\b(?:secrets|vars)\.(\w+)/g)].map(([, name]) => name)
    assert.deepStrictEqual(new Set(settings), new Set(["AWS_ROLE_ARN", "AWS_REGION", "STATE_BUCKET", "TFVARS"]))
    assert.notMatch(read(path), /aws-access-key-id|AWS_SECRET_ACCESS_KEY/)
  })
})
