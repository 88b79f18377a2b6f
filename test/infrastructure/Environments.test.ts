/** dev and prod are the same declarations, names, types, checks and wiring, but for what is stated here. */
import { assert, describe, it } from "@effect/vitest"
import { files, read } from "./Files.ts"

const folder = "infrastructure/terraform/environments"

/** The lines of each that the other one lacks, in pairs of dev and prod. An empty text stands for no line. */
const differences: Readonly<Record<string, ReadonlyArray<readonly [dev: string, prod: string]>>> = {
  "main.tf": [
    [
      "# The system for trying things out: small, talkative, and gone without a trace when it is destroyed.",
      "# The system that people rely on: nothing of it can be deleted by accident, and what cannot be made anew can be restored to any second of the last 35 days."
    ],
    ['tags = { system = "dispatcher", environment = "dev" }', 'tags = { system = "dispatcher", environment = "prod" }'],
    ['name = "dispatcher-dev"', 'name = "dispatcher-prod"'],
    ["deletion_protection = false", "deletion_protection = true"],
    ["point_in_time_recovery = false", "point_in_time_recovery = true"],
    ["log_retention_days = 7", "log_retention_days = 90"],
    ["archive_days = 7", "archive_days = 90"],
    ["", "oldest_message_seconds = 900"]
  ],
  "variables.tf": [
    [
      "planner = optional(object({ memory_mb = optional(number), concurrency = optional(number, 2) }), {})",
      "planner = optional(object({ memory_mb = optional(number), concurrency = optional(number, 4) }), {})"
    ],
    [
      "dispatcher = optional(object({ memory_mb = optional(number), concurrency = optional(number, 2), report_concurrency = optional(number, 2) }), {})",
      "dispatcher = optional(object({ memory_mb = optional(number), concurrency = optional(number, 4), report_concurrency = optional(number, 2) }), {})"
    ],
    [
      "facts = optional(object({ memory_mb = optional(number), concurrency = optional(number, 2) }), {})",
      "facts = optional(object({ memory_mb = optional(number), concurrency = optional(number, 4) }), {})"
    ],
    ['default = "debug"', "default = null"]
  ]
}

const namesIn = (environment: string): ReadonlyArray<string> =>
  files.filter((path) => path.startsWith(`${folder}/${environment}/`)).map((path) => path.split("/").at(-1) ?? "")

/** The lines of a file, without how they are aligned. */
const linesOf = (environment: string, name: string): ReadonlyArray<string> =>
  read(`${folder}/${environment}/${name}`)
    .split("\n")
    .map((line) => line.trim().replaceAll(/ +/g, " "))

describe("the environments", () => {
  it("have the same files", () => {
    assert.deepStrictEqual(
      namesIn("dev").filter((name) => !name.endsWith(".hcl")),
      namesIn("prod").filter((name) => !name.endsWith(".hcl"))
    )
  })

  it.each(namesIn("dev").filter((name) => name.endsWith(".tf")))("differ in what is stated only: %s", (name) => {
    const stated = differences[name] ?? []
    const asProd = linesOf("dev", name).map((line) => stated.find(([dev]) => dev !== "" && dev === line)?.[1] ?? line)
    const added = new Set(stated.filter(([dev]) => dev === "").map(([, prod]) => prod))
    const prod = linesOf("prod", name)
    assert.deepStrictEqual(
      asProd,
      prod.filter((line) => !added.has(line))
    )
    // Nothing is stated that is no difference.
    const [inDev, inProd] = [new Set(linesOf("dev", name)), new Set(prod)]
    for (const [ofDev, ofProd] of stated) {
      assert.isTrue(ofDev === "" || inDev.has(ofDev), ofDev)
      assert.isTrue(inProd.has(ofProd), ofProd)
    }
  })
})
