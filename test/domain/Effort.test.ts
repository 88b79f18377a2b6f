/** How much work a hostile file makes, counted in lists of patterns that are looked at: bounded by the file, never by its square. */
import { assert, describe, it } from "@effect/vitest"
import { maxRulesPerTarget } from "../../src/domain/Caps.ts"
import type { ConfigAnswer, DispatchingConfig } from "../../src/domain/Config.ts"
import { matchRun } from "../../src/domain/Matching.ts"
import { repositoryKey } from "../../src/domain/Names.ts"
import { chainOf } from "../../src/domain/Order.ts"
import { decide } from "../../src/domain/Planning.ts"
import { config } from "../fixtures/Configs.ts"
import { policy } from "../fixtures/Plans.ts"
import { acceptance, repository, sourceRun } from "../fixtures/Runs.ts"

const patterns = Array.from({ length: 100 }, (_, index) => `a*${index}*b*`)
const targets = 500

/** A list that counts how often one of its items is read. */
const watched = <A>(list: ReadonlyArray<A>) => {
  const seen = { reads: 0 }
  const proxy = new Proxy(list, {
    get: (of, property, receiver) => {
      if (typeof property === "string" && /^\d+$/.test(property)) seen.reads += 1
      return Reflect.get(of, property, receiver)
    }
  })
  return { proxy, seen }
}

const run = sourceRun({ branch: "a".repeat(200) })
const matchedBy = (source: DispatchingConfig) =>
  matchRun({ run, config: source, file: "dispatching.yml", policy: policy({ maxTargets: 96 }), chain: chainOf(run) })

describe("the work that a file makes", () => {
  it("for its own rules, does not grow with their targets", () => {
    const parsed = config({
      outbound: [
        {
          source: { workflow: "ci.yml", branches: patterns },
          targets: Array.from({ length: targets }, (_, index) => ({ repository: `r${index}`, workflow: "cd.yml" }))
        }
      ]
    })
    const { proxy, seen } = watched(patterns.with(-1, "a**"))
    const outbound = parsed.outbound.map((rule) => ({ ...rule, source: { ...rule.source, branches: proxy } }))
    assert.lengthOf(matchedBy({ ...parsed, outbound }).matched, targets)
    // Once to match, and the first of them to show them.
    assert.isAtMost(seen.reads, 3 * patterns.length)
  })

  it("for a rule that is not about the run, is the same with 499 targets as with one: they are not looked at", () => {
    const about = {
      source: { workflow: "ci.yml", branches: ["**"] },
      targets: [{ repository: "r", workflow: "cd.yml" }]
    }
    const skippedWith = (count: number) => {
      const other = Array.from({ length: count }, (_, index) => ({ repository: `r${index}`, workflow: "cd.yml" }))
      const parsed = config({
        outbound: [{ source: { workflow: "ci.yml", branches: ["next"] }, targets: other }, about]
      })
      const lists = parsed.outbound.map(({ targets }) => watched(targets))
      const outbound = parsed.outbound.map((rule, index) => ({ ...rule, targets: lists[index]?.proxy ?? [] }))
      const { matched, skipped } = matchedBy({ ...parsed, outbound })
      assert.deepStrictEqual([matched.length, skipped.length, lists[0]?.seen.reads], [1, 1, 0])
      return JSON.stringify(skipped)
    }
    assert.strictEqual(
      skippedWith(targets - 1).replaceAll(/"line":\d+/g, ""),
      skippedWith(1).replaceAll(/"line":\d+/g, "")
    )
  })

  it("for a target's rules, does not grow with the rules that name one target workflow", () => {
    const { matched } = matchedBy(
      config({
        outbound: [
          {
            source: { workflow: "ci.yml", branches: ["**"] },
            targets: Array.from({ length: targets }, (_, index) => ({
              repository: "deploy",
              workflow: "cd.yml",
              ref: `a${index}`
            }))
          }
        ]
      })
    )
    const { proxy, seen } = watched(patterns)
    const { outbound, inbound } = config({
      inbound: [
        { source: { repository: "app", workflow: "ci.yml" }, targets: [{ workflow: "cd.yml", refs: patterns }] }
      ]
    })
    const open = inbound.map((rule) => ({ ...rule, targets: rule.targets.map((one) => ({ ...one, refs: proxy })) }))
    const answer: ConfigAnswer = {
      _tag: "Found",
      config: { outbound, inbound: open },
      path: "dispatching.yml",
      defaultBranch: "main"
    }
    const answers = new Map([[repositoryKey(repository("acme/deploy")), answer]])
    const { decisions } = decide({ acceptance: acceptance(run), matched, answers, chain: chainOf(run) })
    assert.lengthOf(decisions, targets)
    assert.isAtLeast(seen.reads, patterns.length)
    assert.isAtMost(seen.reads, maxRulesPerTarget * patterns.length)
  })
})
