/** A stranger learns nothing about a repository that does not name him. */
import { assert, describe, it } from "@effect/vitest"
import type { ConfigAnswer } from "../../src/domain/Config.ts"
import type { Denial } from "../../src/domain/Denial.ts"
import { reportedRun } from "../../src/domain/Report.ts"
import { absent, found } from "../fixtures/Configs.ts"
import { planFor } from "../fixtures/Plans.ts"

/** The report's row about a target whose config is this. */
const shown = (repository: string, config: string | object | ConfigAnswer) => {
  const source = {
    outbound: [{ source: { workflow: "ci.yml" }, targets: [{ repository, workflow: "cd.yml", ref: "@default" }] }]
  }
  const { targets } = reportedRun(planFor({ source, targets: { [repository]: config } }), new Map())
  return targets[0] ?? assert.fail("nothing was reported")
}

const inbound = (source: object, target: object = {}) => ({
  inbound: [{ source: { workflow: "ci.yml", ...source }, targets: [{ workflow: "cd.yml", ...target }] }]
})
const unreachable = (reason: "not_found" | "not_installed" | "forbidden" | "unavailable"): ConfigAnswer => ({
  _tag: "Unreachable",
  reason,
  message: `GitHub says ${reason}`,
  transient: false
})
const invalid: ConfigAnswer = {
  _tag: "Invalid",
  path: "dispatching.yml",
  issues: [{ line: 3, column: 1, path: "secret-project", message: 'unknown key "secret-project"' }]
}
/** All that a repository can be that says nothing about the source. */
const silent: ReadonlyArray<readonly [string, string | object | ConfigAnswer]> = [
  ["is not there", unreachable("not_found")],
  ["has no installation", unreachable("not_installed")],
  ["may not be read", unreachable("forbidden")],
  ["cannot be read for now", unreachable("unavailable")],
  ["has no config", absent],
  ["has an invalid config", invalid],
  ["lets no source in", ""],
  ["lets others in", inbound({ repository: "another-owner" })],
  [
    "has a default branch that says much",
    found(inbound({ repository: "another-owner" }), { defaultBranch: "buy-acme" })
  ]
]

describe("What a report says of a target of another owner", () => {
  it.each(silent)("is the same whatever it is: it %s", (_, config) => {
    assert.deepStrictEqual(shown("rival/vault", config), shown("rival/vault", unreachable("not_found")))
  })

  it("has the ref as the source wrote it, until a rule of the target names the source", () => {
    for (const [, config] of silent) assert.strictEqual(shown("rival/vault", config).ref, "@default")
    const named = found(inbound({ repository: "acme/app", branches: ["release/*"] }), { defaultBranch: "trunk" })
    assert.strictEqual(shown("rival/vault", named).ref, "trunk")
  })

  it("names the way in, and nothing of the target's file", () => {
    const { code, message } = shown("rival/vault", invalid)
    assert.strictEqual(code, "inbound_not_allowed")
    assert.include(message ?? "", "has to add an inbound rule that names acme/app")
    assert.notInclude(message ?? "", "secret-project")
  })

  it("is the reason, once a rule of the target names the source", () => {
    const { code, message } = shown("rival/vault", inbound({ repository: "acme/app", branches: ["release/*"] }))
    assert.strictEqual(code, "inbound_branch")
    assert.include(message ?? "", "release/*")
  })
})

describe("What a report says of consent that a target withdrew", () => {
  const withdrawn = (repository: string, denial: Denial) => {
    const plan = planFor({
      source: { outbound: [{ source: { workflow: "ci.yml" }, targets: [{ repository, workflow: "cd.yml" }] }] },
      targets: { [repository]: inbound({ repository: "acme/app" }) }
    })
    const [decision] = plan.decisions
    assert(decision?._tag === "Allowed")
    return reportedRun(plan, new Map([[decision.orderId, { outcome: { _tag: "Withdrawn", ...denial } }]])).targets[0]
  }
  const invalidNow: Denial = { code: "target_config_invalid", message: "dispatching.yml:3: secret-project" }

  it("is, of another owner's, the same as of a target that is not there", () => {
    const { code, message } = shown("rival/vault", unreachable("not_found"))
    assert.deepInclude(withdrawn("rival/vault", invalidNow), { status: "withdrawn", code, message })
  })

  it("is the reason where a rule names the source, or the owner is the same", () => {
    const branch: Denial = { code: "inbound_branch", message: "main is not in release/*" }
    assert.deepInclude(withdrawn("rival/vault", branch), branch)
    assert.deepInclude(withdrawn("acme/vault", invalidNow), invalidNow)
  })
})

describe("What a report says of a target of the same owner", () => {
  it.each([
    ["target_unreachable", unreachable("not_found"), "not_found"],
    ["target_config_absent", absent, "has no dispatching.yml"],
    ["target_config_invalid", invalid, "has 1 problem"],
    ["inbound_not_allowed", "", "No inbound rule"]
  ] as const)("is the reason: %s", (code, config, words) => {
    for (const repository of ["acme/vault", "ACME/vault"]) {
      const target = shown(repository, config)
      assert.strictEqual(target.code, code)
      assert.include(target.message ?? "", words)
    }
  })
})
