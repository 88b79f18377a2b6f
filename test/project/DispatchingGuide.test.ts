/** The tables and lists of `docs/dispatching-yml.md` and the README: patterns, variables, options, limits, codes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { parseConfig } from "../../src/domain/ConfigFile.ts"
import { configJsonSchema } from "../../src/domain/ConfigJsonSchema.ts"
import { maxFileBytes } from "../../src/domain/ConfigYaml.ts"
import { reasonCodes } from "../../src/domain/Denial.ts"
import { RepositoryName } from "../../src/domain/Names.ts"
import { failureCodes } from "../../src/domain/Outcome.ts"
import { matchesPattern } from "../../src/domain/Pattern.ts"
import { maxTargetsLimit } from "../../src/domain/Policy.ts"
import { maxInputCharacters, maxInputs, renderInputs, templateVariables } from "../../src/domain/Template.ts"
import { conclusions } from "../../src/domain/Vocabulary.ts"
import { explanationLines } from "../../src/entry/cli/ExplainText.ts"
import { explain, layerPasted, layerUnread } from "../../src/flow/Explain.ts"
import { layerSettings } from "../../src/flow/Settings.ts"
import { run } from "./ExampleRun.ts"
import { anchorOf, blocksOf, codesIn, headingsOf, read, rowsOf, sectionOf } from "./Markdown.ts"

const guide = read("docs/dispatching-yml.md")

describe("the guide", () => {
  it("is right about patterns", () => {
    const rows = rowsOf(sectionOf(guide, "### Branches and patterns"))
    assert.isAbove(rows.length, 5)
    for (const [pattern = "", matches = "", others = ""] of rows) {
      const [text = ""] = codesIn(pattern)
      for (const name of codesIn(matches)) assert.isTrue(matchesPattern(text, name), `${text} ${name}`)
      for (const name of codesIn(others)) assert.isFalse(matchesPattern(text, name), `${text} ${name}`)
    }
  })

  it("names every variable and no other, each with what it stands for", () => {
    const rows = rowsOf(sectionOf(guide, "### Inputs")).map(([variable = "", example = ""]) => [
      codesIn(variable)[0] ?? "",
      codesIn(example)[0]
    ])
    assert.deepStrictEqual(
      rows.map(([name]) => name),
      [...templateVariables]
    )
    for (const [name = "", example] of rows) {
      const rendered = renderInputs(new Map([["it", `{{ ${name} }}`]]), run)
      assert.deepStrictEqual(Result.getOrThrow(rendered), { it: example ?? "" })
    }
  })

  it("names every option and no other, and which of them are required", () => {
    interface Node {
      readonly properties?: Readonly<Record<string, Node>>
      readonly required?: ReadonlyArray<string>
      readonly items?: Node
      readonly anyOf?: ReadonlyArray<Node>
    }
    const options = (node: Node, path: string): ReadonlyArray<readonly [string, boolean]> => [
      ...(node.anyOf ?? []).flatMap((each) => options(each, path)),
      ...(node.items === undefined ? [] : options(node.items, `${path}[]`)),
      ...Object.entries(node.properties ?? {}).flatMap(([key, value]) => {
        const name = path === "" ? key : `${path}.${key}`
        return [[name, node.required?.includes(key) ?? false] as const, ...options(value, name)]
      })
    ]
    const documented = rowsOf(sectionOf(guide, "## Every option")).map(([option = "", fallback]) => [
      codesIn(option)[0],
      fallback === "required"
    ])
    assert.deepStrictEqual(
      documented.toSorted(),
      options(configJsonSchema as Node, "")
        .map(([...one]) => one)
        .toSorted()
    )
  })

  it("names every conclusion and no other", () => {
    const [listed = ""] = sectionOf(guide, "### Conclusions").split(" The default")
    assert.deepStrictEqual(codesIn(listed), [...conclusions])
  })

  it("is right about limits", () => {
    const limits = sectionOf(guide, "## Limits")
    assert.include(limits, `${maxFileBytes / 1024} KiB`)
    assert.include(limits, `at most ${maxTargetsLimit}`)
    assert.include(limits, `| inputs of one target | ${maxInputs} `)
    assert.include(limits, `${maxInputCharacters.toLocaleString("en")} characters`)
    const messages = (text: string) =>
      Result.match(parseConfig(text), {
        onSuccess: () => "",
        onFailure: (issues) => issues.map(({ message }) => message).join("\n")
      })
    const target = "{repository: a, workflow: b.yml},"
    const rule = (count: number) => `outbound: [{source: {workflow: c.yml}, targets: [${target.repeat(count)}]}]`
    assert.strictEqual(messages(rule(500)), "")
    assert.include(messages(rule(501)), "at most 500")
    assert.match(limits, /outbound targets of one file \| 500 /)
    assert.include(messages(`inbound: [{source: {workflow: ${"w".repeat(300)}.yml, repository: a}}]`), "255")
    assert.match(limits, /\| 255 characters \|/)
    assert.include(messages(`x: ${"[".repeat(40)}${"]".repeat(40)}`), "32 levels")
    assert.match(limits, /\| 32 levels \|/)
    assert.include(messages(`a: &a [${"x, ".repeat(5000)}]\nb: [${"*a, ".repeat(50)}]`), "256 KiB")
    assert.include(limits, "256 KiB with its aliases")
  })

  it("says of every skipped rule and every denial what to do, on both sides, in the order in which the rules are asked", () => {
    const answers = sectionOf(guide, "## Why was my target not started?")
    const codes = headingsOf(answers).flatMap((heading) => codesIn(heading))
    assert.deepStrictEqual(codes, [...reasonCodes])
    for (const code of codes) {
      const section = sectionOf(guide, `### \`${code}\``)
      assert.include(section, "- **Source:** ", code)
      assert.include(section, "- **Target:** ", code)
    }
    const failures = rowsOf(sectionOf(guide, "### It was allowed, and failed")).map(([code = ""]) => codesIn(code)[0])
    assert.deepStrictEqual(failures.toSorted(), [...failureCodes].toSorted())
  })

  it.effect("shows what explain prints", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-11-02T08:15:27Z"))
      const section = sectionOf(guide, "### What would happen")
      const blocks = blocksOf(section)
      const texts = new Map(
        blocks
          .filter(({ info }) => info === "yaml")
          .map(({ text }) => [RepositoryName.make(/^# (\S+)/.exec(text)?.[1] ?? ""), text])
      )
      const explanation = yield* explain({ repository: RepositoryName.make("acme/shop"), workflow: "ci.yml" }).pipe(
        Effect.provide(Layer.merge(Layer.provide(layerPasted(texts, "main"), layerUnread), layerSettings()))
      )
      const shown = blocks
        .find(({ info }) => info === "console")
        ?.text.split("\n")
        .slice(1)
        .join("\n")
      assert.strictEqual(shown, `${explanationLines(explanation).join("\n")}\n`)
    })
  )
})

describe("the README", () => {
  const readme = read("README.md")

  it("names every code of a skipped rule or a denial and no other, and links to what to do", () => {
    const section = sectionOf(readme, "### Why was my target not started?")
    const codes = rowsOf(section).flatMap(([cell = ""]) => codesIn(cell))
    assert.deepStrictEqual(codes.toSorted(), [...reasonCodes].toSorted())
    for (const code of reasonCodes) {
      assert.include(section, `(docs/dispatching-yml.md#${anchorOf(`\`${code}\``)})`)
    }
  })

  it("names every variable", () => {
    const named = codesIn(sectionOf(readme, "## `dispatching.yml`"))
    const aliases = ["source.head_branch", "source.repo"]
    assert.deepStrictEqual(
      templateVariables.filter((name) => !named.includes(name) && !aliases.includes(name)),
      []
    )
  })
})
