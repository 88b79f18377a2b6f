/** infrastructure/README.md speaks of what there is: alarms, settings, files, outputs. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { functionNames } from "../../scripts/build-lambda.ts"
import { queueVariables, tableVariables } from "../../src/adapters/aws/AwsResources.ts"
import { defaultOptions } from "../../src/queue/QueueStore.ts"
import { files, read, root } from "./Files.ts"

const readme = read("infrastructure/README.md")
const runbook = readme.slice(readme.indexOf("## Runbook"), readme.indexOf("## Cost"))
const rows = [...runbook.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, names = ""]) => names.match(/[\w-]+/g) ?? [])

/** What alarms of a function are about, as its module is asked for them. */
const ofFunction = (name: string): ReadonlyArray<string> => {
  const stages = files.filter((path) => /modules\/dispatcher\/\w+\.tf$/.test(path)).map(read)
  const modules = stages.flatMap(
    (text) => text.match(/^module "\w+" \{\n {2}source = "\.\.\/function"[\s\S]*?^\}/gm) ?? []
  )
  const module = modules.find((text) => text.includes(`"\${var.name}-${name}"`))
  assert.isDefined(module, name)
  const about = / alarms += \{ about = \[(.*?)\]/.exec(module ?? "")?.[1] ?? ""
  return [...about.matchAll(/"(\w+)"/g)].map(([, end = ""]) => `${name}-${end}`)
}

/** The names of what a module makes several of. */
const queues = Object.keys(queueVariables)
const of = (names: ReadonlyArray<string>, ...ends: ReadonlyArray<string>) =>
  names.flatMap((name) => ends.map((end) => `${name}-${end}`))

describe("the runbook", () => {
  it("says of every alarm what it means and what to do, and of no other", () => {
    const alone = [
      ...read("infrastructure/terraform/modules/dispatcher/alarms.tf").matchAll(
        /alarm_name += "\$\{var\.name\}-([\w-]+)"/g
      )
    ]
    const own = /own_alarms = \{\n([\s\S]*?)^ {2}\}/m.exec(
      read("infrastructure/terraform/modules/dispatcher/metrics.tf")
    )
    const ofMetrics = [...(own?.[1] ?? "").matchAll(/^ {4}([\w-]+) = \{$/gm)].map(([, name = ""]) => name)
    assert.isNotEmpty(ofMetrics)
    assert.deepStrictEqual(
      rows.toSorted(),
      [
        ...alone.map(([, name = ""]) => name),
        ...ofMetrics,
        ...of(queues, "dead-letters", "age"),
        "order-in-flight",
        ...functionNames.flatMap(ofFunction),
        ...of(Object.keys(tableVariables), "throttles")
      ].toSorted()
    )
  })

  it("is right about how long messages are tried", () => {
    assert.include(runbook, `after ${Duration.toDays(defaultOptions.maxAge)} days`)
  })
})

describe("the instructions", () => {
  it("name every setting of the deployment", () => {
    const workflows = files.filter((path) => path.startsWith(".github/workflows/")).map(read)
    const settings = workflows.flatMap((text) => [...text.matchAll(/\b(?:secrets|vars)\.(\w+)/g)])
    assert.isNotEmpty(settings)
    for (const [, name = ""] of settings) assert.include(readme, `| \`${name}\` |`)
  })

  it("call scripts and copy files that exist", () => {
    const paths = [...readme.matchAll(/(?<![\w/])(infrastructure\/[\w./-]+)/g)].map(([, path = ""]) => path)
    assert.isNotEmpty(paths)
    const missing = paths.filter(
      (path) =>
        !existsSync(join(root, path.replace(/\.$/, ""))) && !/tfvars$|tfstate$|lock\.hcl$|environments\/$/.test(path)
    )
    assert.deepStrictEqual(missing, [])
  })

  it("ask for outputs that there are", () => {
    const outputs = files
      .filter((path) => /(environments\/dev|bootstrap)\/outputs\.tf$/.test(path))
      .flatMap((path) => [...read(path).matchAll(/^output "(\w+)"/gm)].map(([, name = ""]) => name))
    const asked = [...readme.matchAll(/ output (?:-raw|-json) (\w+)/g)].map(([, name = ""]) => name)
    assert.isNotEmpty(asked)
    for (const name of asked) assert.include(outputs, name)
  })

  it("name what the gate and the scripts say", () => {
    const troubles = readme.slice(readme.indexOf("## Troubleshooting"), readme.indexOf("## Runbook"))
    const said = files
      .filter((path) => /infrastructure\/deploy\/[\w-]+\.sh$/.test(path))
      .map(read)
      .join("\n")
    const quoted = [
      ...[
        "CI on main did not succeed for",
        "has no required reviewers, and DEPLOYERS is empty",
        "never ran",
        "NOT ALL went back"
      ],
      ...["Not begun: these alarms ring already", "Back: ", "FAILED: ", "is not what was deployed"]
    ]
    for (const text of quoted) {
      assert.include(troubles, text)
      assert.include(said, text)
    }
  })

  it("name the App and its webhook", () => {
    assert.include(readme, "org-repo-workflows-runner-alpha")
    assert.include(readme, "https://…/webhooks/github")
  })
})

describe("what a key of one's own must allow", () => {
  const section = readme.slice(readme.indexOf("### A key of your own"), readme.indexOf("### A network of your own"))
  const allowed = (who: string): ReadonlyArray<string> => {
    const row = section.split("\n").find((line) => line.startsWith(`| ${who}`)) ?? ""
    return [...row.matchAll(/kms:[A-Za-z*]+/g)].map(([action]) => action).toSorted()
  }

  // https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-archives.html
  it("is all that EventBridge asks for a bus and its archive", () => {
    assert.include(
      read("infrastructure/terraform/modules/dispatcher/facts.tf"),
      "kms_key_identifier = var.kms_key_arn\n}"
    )
    assert.deepStrictEqual(allowed("`events.amazonaws.com`"), [
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:GenerateDataKey",
      "kms:ReEncrypt*"
    ])
  })
})

describe("a deployment by hand", () => {
  it("has its image kept and let into prod, as one from GitHub", () => {
    const byHand = readme.slice(readme.indexOf("### 5. Deploy and try"), readme.indexOf("### 6. "))
    assert.match(byHand, /shift\.sh[\s\S]*promote\.sh mark "\$DIGEST"/)
  })
})
