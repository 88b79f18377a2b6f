/** Every `dispatching.yml` that a document shows is taken by the real parser, and what is shown together agrees by the real rules. */
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Result } from "effect"
import type { ConfigAnswer, DispatchingConfig } from "../../src/domain/Config.ts"
import { parseConfig } from "../../src/domain/ConfigFile.ts"
import { matchRun } from "../../src/domain/Matching.ts"
import { RepositoryName, repositoryKey } from "../../src/domain/Names.ts"
import { chainOf } from "../../src/domain/Order.ts"
import { decide, targetRepositories } from "../../src/domain/Planning.ts"
import { DeliveryId, type SourceRun } from "../../src/domain/SourceRun.ts"
import { makeLinter } from "../infrastructure/WorkflowLint.ts"
import { run } from "./ExampleRun.ts"
import { type Block, blocksOf, documents, read } from "./Markdown.ts"

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
      const policy = {
        defaultRef: "main",
        sourceAllowlist: undefined,
        targetAllowlist: undefined,
        maxTargets: 25,
        maxChainDepth: 5,
        maxChainStarts: 200,
        maxOtherOwners: 10
      }
      const { matched } = matchRun({ run: about, config, file: "dispatching.yml", policy, chain: chainOf(about) })
      const answers = new Map(
        [...shown].map(([name, found]): [ReturnType<typeof repositoryKey>, ConfigAnswer] => [
          repositoryKey(name),
          { _tag: "Found", config: found, path: "dispatching.yml", defaultBranch: "main" }
        ])
      )
      const acceptance = { deliveryId: DeliveryId.make("d"), acceptedAt: "", run: about, generation: 0 }
      const isShown = (name: RepositoryName) => answers.has(repositoryKey(name))
      assert.isNotEmpty(targetRepositories(matched), `the rules of ${repository} start nothing`)
      return decide({ acceptance, matched, answers, chain: chainOf(about) }).decisions.filter(({ target }) =>
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
