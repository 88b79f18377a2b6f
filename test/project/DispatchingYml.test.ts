/** `docs/dispatching-yml.md` and the README teach what the parser and the rules do: every block, table and code is held to them. */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import type { ConfigAnswer, DispatchingConfig } from "../../src/domain/Config.ts"
import { parseConfig } from "../../src/domain/ConfigFile.ts"
import { configJsonSchema } from "../../src/domain/ConfigJsonSchema.ts"
import { maxFileBytes } from "../../src/domain/ConfigYaml.ts"
import { denialCodes } from "../../src/domain/Denial.ts"
import { matchRun } from "../../src/domain/Matching.ts"
import { RepositoryName, repositoryKey } from "../../src/domain/Names.ts"
import { failureCodes } from "../../src/domain/Outcome.ts"
import { matchesPattern } from "../../src/domain/Pattern.ts"
import { decide, targetRepositories } from "../../src/domain/Planning.ts"
import { maxTargetsLimit } from "../../src/domain/Policy.ts"
import { conclusions, DeliveryId, type SourceRun } from "../../src/domain/SourceRun.ts"
import { maxInputCharacters, maxInputs, renderInputs, templateVariables } from "../../src/domain/Template.ts"
import { explanationLines } from "../../src/entry/cli/ExplainText.ts"
import { explain, layerPasted, layerUnread } from "../../src/flow/Explain.ts"
import { layerSettings } from "../../src/flow/Settings.ts"
import { makeLinter } from "../infrastructure/WorkflowLint.ts"
import { anchorOf, type Block, blocksOf, codesIn, documents, headingsOf, read, rowsOf, sectionOf } from "./Markdown.ts"

const guide = read("docs/dispatching-yml.md")

/** Blocks of all documents that show a `dispatching.yml`, or a workflow. */
const yaml = documents.flatMap((path) =>
  blocksOf(read(path))
    .filter(({ info }) => /^ya?ml\b/.test(info))
    .map((block) => ({ ...block, path }))
)
const isWorkflow = ({ text }: Block) => text.startsWith("# .github/workflows/")
const isInvalid = ({ info }: Block) => info.endsWith(" invalid")
const configs = yaml.filter((block) => !isWorkflow(block) && !isInvalid(block))

const parsed = (text: string): DispatchingConfig =>
  Result.match(parseConfig(text), {
    onSuccess: (config) => config,
    onFailure: (issues) => assert.fail(`${JSON.stringify(issues)} in\n${text}`)
  })

describe("the examples", () => {
  it("are valid, and there are some", () => {
    assert.isAbove(configs.length, 20)
    for (const { text } of configs) parsed(text)
  })

  it("that are meant to be wrong fail as shown below them", () => {
    const blocks = blocksOf(guide)
    const wrong = blocks.filter(isInvalid)
    assert.isAbove(wrong.length, 1)
    for (const block of wrong) {
      const issues = Result.match(parseConfig(block.text), { onSuccess: () => [], onFailure: (found) => found })
      const lines = issues.map(({ line, column, message }) => `dispatching.yml:${line}:${column}: ${message}\n`)
      assert.strictEqual(blocks[blocks.indexOf(block) + 1]?.text, lines.join(""))
    }
  })
})

describe("the workflows", () => {
  let lint: Awaited<ReturnType<typeof makeLinter>>
  beforeAll(async () => {
    lint = await makeLinter()
  })

  it("are valid by GitHub's own check", async () => {
    const workflows = yaml.filter(isWorkflow)
    assert.isAbove(workflows.length, 1)
    for (const { text, path } of workflows) assert.deepStrictEqual(await lint(`${path}.yml`, text), [])
  })
})

const run: SourceRun = {
  repository: RepositoryName.make("acme/shop"),
  repositoryId: 1,
  installationId: 1,
  defaultBranch: "main",
  workflow: "ci.yml" as SourceRun["workflow"],
  runId: 19871234567,
  attempt: 1,
  branch: "release/1.4",
  sha: "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d",
  event: "push",
  conclusion: "success",
  actor: "octocat",
  url: "https://github.com/acme/shop/actions/runs/19871234567",
  fork: false
}

/** The configs that a section shows, by the repository that the first line of each names. */
const repositoriesOf = (blocks: ReadonlyArray<Block>): ReadonlyMap<RepositoryName, DispatchingConfig> =>
  new Map(
    blocks.flatMap(({ text }) => {
      const [, name] = /^# ([\w-]+\/[\w-]+)/.exec(text) ?? []
      return name === undefined ? [] : [[RepositoryName.make(name), parsed(text)] as const]
    })
  )

/** For each rule of a repository, a run that it is about, and what becomes of its targets that are shown. */
const decisionsOf = (shown: ReadonlyMap<RepositoryName, DispatchingConfig>) =>
  [...shown].flatMap(([repository, config]) =>
    config.outbound.flatMap((rule) => {
      const about: SourceRun = {
        ...run,
        repository,
        workflow: rule.source.workflow,
        branch: (rule.source.branches?.[0] ?? run.defaultBranch).replaceAll("*", "x"),
        conclusion: rule.source.conclusions?.[0] ?? "success",
        event: rule.source.events?.[0] ?? "push"
      }
      const policy = { defaultRef: "main", sourceAllowlist: undefined, targetAllowlist: undefined, maxTargets: 25 }
      const matched = matchRun({ run: about, config, file: "dispatching.yml", policy, lineage: [] })
      const answers = new Map(
        [...shown].map(([name, found]): [ReturnType<typeof repositoryKey>, ConfigAnswer] => [
          repositoryKey(name),
          { _tag: "Found", config: found, path: "dispatching.yml", defaultBranch: "main" }
        ])
      )
      const acceptance = { deliveryId: DeliveryId.make("d"), acceptedAt: "", run: about, generation: 0 }
      const isShown = (name: RepositoryName) => answers.has(repositoryKey(name))
      assert.isNotEmpty(targetRepositories(matched), `the rules of ${repository} start nothing`)
      return decide({ acceptance, matched, answers, lineage: [] }).decisions.filter(({ target }) =>
        isShown(target.repository)
      )
    })
  )

describe("the pairs", () => {
  const sections = Map.groupBy(configs, ({ path, section }) => `${path}: ${section}`)
  const pairs = [...sections].filter(([, blocks]) => repositoriesOf(blocks).size > 1)

  it("are many", () => {
    assert.isAbove(pairs.length, 5)
  })

  it.each(pairs)("of %s agree", (_, blocks) => {
    const decisions = decisionsOf(repositoriesOf(blocks))
    assert.isNotEmpty(decisions)
    for (const decision of decisions) assert.strictEqual(decision._tag, "Allowed", JSON.stringify(decision))
  })
})

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

  it("says of every denial what to do, on both sides, in the order in which the rules are asked", () => {
    const answers = sectionOf(guide, "## Why was my target not started?")
    const codes = headingsOf(answers).flatMap((heading) => codesIn(heading))
    assert.deepStrictEqual(codes, [...denialCodes])
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

  it("names every denial code and no other, and links to what to do", () => {
    const section = sectionOf(readme, "### Why was my target not started?")
    const codes = rowsOf(section).flatMap(([cell = ""]) => codesIn(cell))
    assert.deepStrictEqual(codes.toSorted(), [...denialCodes].toSorted())
    for (const code of denialCodes) {
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
