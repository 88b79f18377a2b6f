/** The workflows are valid by GitHub's own check, and grant no more than they must. */
import { statSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { parse } from "yaml"
import { files, read, root } from "./Files.ts"
import { makeLinter } from "./WorkflowLint.ts"

interface Step {
  readonly id?: string
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}
interface Job {
  readonly needs?: string | ReadonlyArray<string>
  readonly outputs?: Readonly<Record<string, string>>
  readonly environment?: string
  readonly env?: Readonly<Record<string, string>>
  readonly if?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly "timeout-minutes"?: number
  readonly steps: ReadonlyArray<Step>
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly concurrency: { readonly group: string; readonly "cancel-in-progress": unknown }
  readonly jobs: Readonly<Record<string, Job>>
}

const paths = files.filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))
const workflow = (path: string): Workflow => parse(read(path))
const jobsOf = (path: string) => Object.values(workflow(path).jobs)
const stepsOf = (path: string) => jobsOf(path).flatMap(({ steps }) => steps)

/** A script with those that it calls. */
const withScripts = (run: string): string =>
  [run, ...(run.match(/\binfrastructure\/deploy\/[\w.-]+\.sh\b/g) ?? []).map(read)].join("\n")
/** The variables that a script sets itself, those of jq included. */
const assigned = (run: string): ReadonlyArray<string> =>
  [...run.matchAll(/(?:^|[\s({])([A-Za-z_]\w*)=|--arg (\w+)/gm)].map(([, one, other]) => one ?? other ?? "")

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

  it("gives its token read access at most, an identity only where AWS is asked, and a pen only where no AWS and no code of a pull request is", () => {
    for (const { permissions = {}, steps } of [{ ...workflow(path), steps: [] }, ...jobsOf(path)]) {
      const asksAws = steps.some(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@"))
      const checkout = steps.find(({ uses }) => uses?.startsWith("actions/checkout@"))
      const trusted =
        !("pull_request" in workflow(path).on) || /^\$\{\{ github\.base_ref \}\}$/.test(String(checkout?.with?.ref))
      const allowed = {
        contents: "read",
        ...(asksAws ? { "id-token": "write" } : { actions: "read" }),
        ...(!asksAws && trusted ? { issues: "write", "pull-requests": "write" } : {})
      }
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
    // The number and the repository of a pull request are GitHub's own words.
    const taken = [...read(path).matchAll(/github\.event\.[\w.]+/g)].map(([name]) => name)
    const known = ["github.event.pull_request.number", "github.event.pull_request.head.repo.full_name"]
    assert.deepStrictEqual(
      taken.filter((name) => !known.includes(name)),
      []
    )
    assert.notMatch(read(path), /pull_request_target|github\.head_ref|issue_comment/)
  })

  it("calls scripts that exist and can be run", () => {
    const scripts = stepsOf(path).flatMap(
      ({ run = "" }) => run.match(/\b(infrastructure|scripts)\/[\w/.-]+\.sh\b/g) ?? []
    )
    for (const script of scripts) assert.isTrue((statSync(join(root, script)).mode & 0o100) !== 0, script)
  })

  it("reads outputs that a step or a job before it has", () => {
    for (const job of jobsOf(path)) {
      const steps = new Map(job.steps.map(({ id, run = "" }) => [id, run]))
      const outputs = [...JSON.stringify(job).matchAll(/steps\.(\w+)\.outputs\.(\w+)/g)]
      for (const [, id = "", output = ""] of outputs) {
        const writes = withScripts(steps.get(id) ?? "")
        assert.match(
          writes,
          new RegExp(`echo "${output}=|\\banswer ${output} |\\bfor name in [\\w ]*\\b${output}\\b`),
          `${id}.${output}`
        )
      }
      for (const [, name = "", output = ""] of JSON.stringify(job).matchAll(/needs\.(\w+)\.outputs\.(\w+)/g)) {
        assert.include([job.needs].flat(), name)
        assert.property(workflow(path).jobs[name]?.outputs, output)
      }
    }
  })

  it("uses variables that the step, the job, the workflow or the runner sets", () => {
    const { env: ofWorkflow = {}, jobs } = workflow(path)
    for (const job of Object.values(jobs)) {
      for (const { name = "", run = "", env = {} } of job.steps) {
        const set = new Set([...Object.keys({ ...ofWorkflow, ...job.env, ...env }), ...assigned(run)])
        const used = [...run.matchAll(/\$\{?([A-Za-z_]\w*)|\benv\.([A-Z_]+)/g)].map(
          ([, one, other]) => one ?? other ?? ""
        )
        const unknown = used.filter((variable) => !set.has(variable) && !/^(GITHUB|RUNNER|AWS_REGION)/.test(variable))
        assert.deepStrictEqual(unknown, [], name)
      }
    }
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
  const step = (job: Job | undefined, name: string) => job?.steps.find((each) => each.name === name)

  it("is started by people or by a tag, and never cancels what it began", () => {
    assert.deepStrictEqual(Object.keys(workflow(path).on), ["workflow_dispatch", "push"])
    assert.deepStrictEqual(workflow(path).on.push, { tags: ["v*"] })
    assert.isFalse(concurrency["cancel-in-progress"])
  })

  it("asks the gate first, then plans, and applies after approval, in environments of their own", () => {
    assert.match(jobs.gate?.environment ?? "", /-plan$/)
    assert.match(jobs.plan?.environment ?? "", /-plan$/)
    assert.match(jobs.apply?.environment ?? "", /\}\}$/)
    assert.strictEqual(jobs.plan?.needs, "gate")
    assert.deepStrictEqual(jobs.apply?.needs, ["gate", "plan"])
    assert.match(jobs.apply?.if ?? "", /needs\.gate\.outputs\.apply == 'true'/)
    assert.deepStrictEqual(names(jobs.plan), [
      "Check the format",
      "Find the image that dev ran",
      "Build the image, or promote it",
      "Plan",
      "Show the plan",
      "Save the plan",
      "Say how it is approved"
    ])
    assert.deepStrictEqual(names(jobs.apply), [
      "Stop where another runs this again",
      "Fetch the plan that was approved",
      "Remember what runs now",
      "Smoke test before",
      "Apply the plan",
      "Start the new versions",
      "Shift the traffic",
      "Smoke test after",
      "Roll back",
      "Note that this image was deployed"
    ])
  })

  it("plans and applies the commit that the gate let through", () => {
    for (const job of [jobs.plan, jobs.apply]) {
      const checkout = job?.steps.find(({ uses }) => uses?.startsWith("actions/checkout@"))
      assert.match(String(checkout?.with?.ref), /^\$\{\{ needs\.gate\.outputs\.sha \}\}$/)
    }
  })

  it("validates before it plans, and builds no image for prod", () => {
    assert.match(step(jobs.plan, "Plan")?.run ?? "", / init\n.* validate\n.* plan /)
    assert.match(
      step(jobs.plan, "Build the image, or promote it")?.run ?? "",
      /== prod \]\]; then\n.*promote\.sh copy.*\nelse\n.*image\.sh/
    )
  })

  it("applies the saved plan and no other", () => {
    assert.match(read(path), /sha256sum --check --strict/)
    const applied = [...read(path).matchAll(/terraform\S*(?: -chdir=\S+)? apply (.*)$/gm)].map(([, what]) => what)
    assert.deepStrictEqual(applied, ["deployment.tfplan"])
  })

  it("knows account, role, region and bucket from settings only, and no long-lived key", () => {
    const settings = [...read(path).matchAll(/\b(?:secrets|vars)\.(\w+)/g)].map(([, name]) => name)
    assert.deepStrictEqual(
      new Set(settings),
      new Set([
        "ARCHITECTURE",
        "AWS_ROLE_ARN",
        "AWS_REGION",
        "DEPLOYERS",
        "PROMOTION_ROLE_ARN",
        "STATE_BUCKET",
        "TFVARS"
      ])
    )
    assert.notMatch(read(path), /aws-access-key-id|AWS_SECRET_ACCESS_KEY/)
  })
})

describe("ci.yml", () => {
  it("tries every commit of main to the end, for the gate asks about each", () => {
    const { group } = workflow(".github/workflows/ci.yml").concurrency
    assert.match(group, /github\.event_name == 'pull_request' && github\.ref \|\| github\.sha/)
    assert.include(read("infrastructure/deploy/gate.sh"), "workflows/ci.yml/runs?head_sha=")
  })

  it("lints Terraform: what check.sh goes without elsewhere is installed there", () => {
    const steps = workflow(".github/workflows/ci.yml").jobs.terraform?.steps ?? []
    const installs = steps.findIndex(({ uses }) => uses?.startsWith("terraform-linters/setup-tflint@"))
    assert.match(String(steps[installs]?.with?.tflint_version), /^v\d+\.\d+\.\d+$/)
    assert.isAbove(
      steps.findIndex(({ run }) => run?.endsWith("check.sh")),
      installs
    )
  })
})

describe("plan.yml", () => {
  it("gives forks and Dependabot no role", () => {
    const condition = workflow(".github/workflows/plan.yml").jobs.plan?.if ?? ""
    assert.include(condition, "github.event.pull_request.head.repo.full_name == github.repository")
    assert.include(condition, "github.actor != 'dependabot[bot]'")
  })
})

describe.each([".github/workflows/plan.yml", ".github/workflows/drift.yml"])("%s", (path) => {
  it("asks AWS with the role that only reads, and changes nothing", () => {
    const asking = jobsOf(path).filter(({ steps }) => steps.some(({ uses }) => uses?.startsWith("aws-actions/")))
    assert.isNotEmpty(asking)
    for (const { environment } of asking) assert.match(environment ?? "", /\}\}-read$/)
    assert.notMatch(read(path), /terraform\S* apply|aliases\.sh|shift\.sh|s3 cp/)
  })
})
