import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { stringify } from "yaml"
import type { DispatchingConfig } from "../../src/domain/Config.ts"
import { parseConfig } from "../../src/domain/ConfigFile.ts"
import { DispatchingFile } from "../../src/domain/ConfigSchema.ts"
import { isWorkflowFileName, normalizeWorkflow } from "../../src/domain/Names.ts"
import { conclusions } from "../../src/domain/Vocabulary.ts"

/** A config without brands, Maps, Sets and places: what a person would have written. */
const plain = (config: DispatchingConfig) => ({
  outbound: config.outbound.map(({ source, targets, check }) => ({
    source: { ...source },
    targets: targets.map(({ inputs, ref, repository, workflow, optional }) => ({
      repository,
      workflow,
      ref,
      inputs: Object.fromEntries(inputs),
      optional
    })),
    check
  })),
  inbound: config.inbound.map(({ source, targets }) => ({
    source: { ...source },
    targets: targets.map(({ acceptInputs, refs, workflow }) => ({ workflow, acceptInputs: [...acceptInputs], refs }))
  }))
})

const parsed = (text: string): DispatchingConfig => {
  const result = parseConfig(text)
  return Result.isSuccess(result) ? result.success : assert.fail(JSON.stringify(result.failure))
}

const example = `# What we start elsewhere.
outbound:
  - source:
      workflow: .github/workflows/CI.yml@refs/heads/main
      branches: [main, "release/*"]
      conclusions: [success, failure]
      events: [push]
      stale: skip
    targets:
      - repository: my-target-repo
        workflow: cd.yml
        ref: "@default"
        inputs:
          sha: "{{ source.sha }}"
          on: yes
      - { repository: other-org/Their.Repo, workflow: deploy.yaml, optional: true }
    check: always

inbound:
  - source:
      repository: service-*
      workflow: ci.yml
      id: 300029405
      branches:
        - main
    targets:
      - workflow: cd.yml
        accept_inputs: [sha, sha, branch]
        refs: [main, "release/**"]
      - workflow: .github/workflows/other.yml
`

describe("parseConfig", () => {
  it("reads the whole contract, normalised", () => {
    assert.deepStrictEqual(plain(parsed(example)) as unknown, {
      outbound: [
        {
          source: {
            workflow: "CI.yml",
            branches: ["main", "release/*"],
            conclusions: ["success", "failure"],
            events: ["push"],
            stale: "skip"
          },
          targets: [
            {
              repository: "my-target-repo",
              workflow: "cd.yml",
              ref: "@default",
              inputs: { sha: "{{ source.sha }}", on: "yes" },
              optional: false
            },
            { repository: "other-org/Their.Repo", workflow: "deploy.yaml", ref: undefined, inputs: {}, optional: true }
          ],
          check: "always"
        }
      ],
      inbound: [
        {
          source: { repository: "service-*", workflow: "ci.yml", id: "300029405", branches: ["main"] },
          targets: [
            { workflow: "cd.yml", acceptInputs: ["sha", "branch"], refs: ["main", "release/**"] },
            { workflow: "other.yml", acceptInputs: [], refs: undefined }
          ]
        }
      ]
    })
  })

  it("says where every rule and target stands", () => {
    const { inbound, outbound } = parsed(example)
    const places = [...outbound, ...inbound].flatMap((rule) => [rule.place, ...rule.targets.map(({ place }) => place)])
    assert.deepStrictEqual(places, [
      { path: "outbound[0]", line: 3 },
      { path: "outbound[0].targets[0]", line: 10 },
      { path: "outbound[0].targets[1]", line: 16 },
      { path: "inbound[0]", line: 20 },
      { path: "inbound[0].targets[0]", line: 27 },
      { path: "inbound[0].targets[1]", line: 30 }
    ])
  })

  it.each([
    ["nothing", ""],
    ["space and comments", "\n  # nothing yet\n\n"],
    ["a document marker", "---\n"],
    ["a byte order mark", "\uFEFF"],
    ["an empty mapping", "{}"],
    ["null", "null"],
    ["keys without values", "outbound:\ninbound: # later\n"],
    ["empty lists", "outbound: []\ninbound: []"]
  ])("takes %s for a config without rules", (_, text) => {
    assert.deepStrictEqual(parsed(text), { outbound: [], inbound: [] })
  })

  it.each([
    ["Windows line ends", example.replaceAll("\n", "\r\n")],
    ["a byte order mark", `\uFEFF${example}`],
    ["document markers", `---\n${example}...\n`],
    [
      "an anchor in place of a repetition",
      example.replace("[main, ", "[&main main, ").replace("- main\n", "- *main\n")
    ],
    ["tags of YAML itself", example.replace("on: yes", "on: !!str yes").replace("events: [", "events: !!seq [")]
  ])("reads the same with %s", (_, text) => {
    assert.deepStrictEqual(plain(parsed(text)), plain(parsed(example)))
    assert.strictEqual(parsed(text).inbound[0]?.targets[1]?.place.line, text.startsWith("---") ? 31 : 30)
  })

  it("reads the id of a repository as text, without loss of digits", () => {
    const ids = ["300029405", '"300029405"', '"3804004623172239366"'].map(
      (id) =>
        parsed(`inbound:
  - source: { repository: acme/app, workflow: ci.yml, id: ${id} }
    targets: [{ workflow: cd.yml }]
`).inbound[0]?.source.id
    )
    assert.deepStrictEqual(ids, ["300029405", "300029405", "3804004623172239366"])
  })

  it("shows a shared rule at each place that shares it", () => {
    const { inbound } = parsed(`inbound:
  - &rule
    source: { repository: a, workflow: ci.yml }
    targets: &targets [{ workflow: cd.yml }]
  - *rule
  - source: { repository: b, workflow: ci.yml }
    targets: *targets
`)
    assert.deepStrictEqual(
      inbound.map(({ place, targets }) => [place.path, place.line, targets[0]?.place.path, targets[0]?.place.line]),
      [
        ["inbound[0]", 3, "inbound[0].targets[0]", 4],
        ["inbound[1]", 5, "inbound[1].targets[0]", 4],
        ["inbound[2]", 6, "inbound[2].targets[0]", 4]
      ]
    )
  })

  it("reads as strings what YAML 1.1 would not", () => {
    const inputs = parsed(`outbound:
  - source: { workflow: ci.yml }
    targets:
      - { repository: r, workflow: w.yml, inputs: { on: on, yes: yes, no: no, y: y, time: 12:30:45, date: 2026-01-02 } }
`).outbound[0]?.targets[0]?.inputs
    assert.deepStrictEqual(
      [...(inputs ?? [])],
      [
        ["on", "on"],
        ["yes", "yes"],
        ["no", "no"],
        ["y", "y"],
        ["time", "12:30:45"],
        ["date", "2026-01-02"]
      ]
    )
  })

  it("takes names that mean something to JavaScript for names", () => {
    const inputs = parsed(`outbound:
  - source: { workflow: ci.yml }
    targets: [{ repository: constructor, workflow: w.yml, inputs: { constructor: a, toString: b, hasOwnProperty: c } }]
`).outbound[0]?.targets[0]?.inputs
    assert.deepStrictEqual(
      [...(inputs ?? [])],
      [
        ["constructor", "a"],
        ["toString", "b"],
        ["hasOwnProperty", "c"]
      ]
    )
  })

  it("takes 500 outbound targets, and no more", () => {
    const rules = (counts: ReadonlyArray<number>) =>
      stringify({
        outbound: counts.map((count) => ({
          source: { workflow: "ci.yml" },
          targets: Array.from({ length: count }, (_, index) => ({
            repository: `repository-${index}`,
            workflow: "cd.yml"
          }))
        }))
      })
    assert.strictEqual(parsed(rules([250, 250])).outbound.length, 2)
    const result = parseConfig(rules([250, 251]))
    assert.deepStrictEqual(Result.isFailure(result) ? result.failure : [], [
      {
        line: 1008,
        column: 9,
        path: "outbound[1].targets[250]",
        message: "found 501 outbound targets, expected at most 500 in one file"
      }
    ])
  })
})

/** Names that are names in the contract, and most of them something else in YAML. */
const name = Schema.Literals(["a", "on", "yes", "no", "y", "null", "true", "nan", "0x1f", "-", "1.0", "1e3", "_"])
const inputName = Schema.Literals(["sha", "on", "yes", "null", "true", "_", "a-b", "constructor", "toString"])
const workflow = Schema.Literals(["ci.yml", "1.yml", "on.YAML", "null.yml"])
const branch = Schema.Literals(["main", "null", "1.0", "*", "**", "release/*", "#1", "&a", "%c", "@d", "-", "{{x}}"])
const inputValue = Schema.Literals([
  "x",
  "1.0",
  "null",
  "{{ source.sha }}",
  "a {{source.branch}} b",
  '{"a":{"b":1}}',
  "#1",
  " "
])
const list = <S extends Schema.Constraint>(item: S) =>
  Schema.optionalKey(Schema.Array(item).check(Schema.isMinLength(1), Schema.isMaxLength(3)))
const rules = <S extends Schema.Constraint, T extends Schema.Constraint>(source: S, target: T) =>
  Schema.Array(
    Schema.Struct({ source, targets: Schema.Array(target).check(Schema.isMinLength(1), Schema.isMaxLength(3)) })
  ).check(Schema.isMaxLength(3))

const validFile = Schema.Struct({
  outbound: rules(
    Schema.Struct({
      workflow,
      branches: list(branch),
      conclusions: list(Schema.Literals(conclusions)),
      events: list(Schema.Literals(["push", "schedule", "workflow_dispatch"]))
    }),
    Schema.Struct({
      repository: name,
      workflow,
      ref: Schema.optionalKey(Schema.Literals(["main", "@default", "1.0", "null", "#1", "&a"])),
      inputs: Schema.optionalKey(Schema.Record(inputName, inputValue))
    })
  ),
  inbound: rules(
    Schema.Struct({ repository: name, workflow, branches: list(branch) }),
    Schema.Struct({
      workflow,
      accept_inputs: Schema.optionalKey(Schema.Array(inputName)),
      refs: list(branch)
    })
  )
})

const expectedOf = (file: typeof validFile.Type) => ({
  outbound: file.outbound.map(({ source, targets }) => ({
    source: { branches: undefined, conclusions: undefined, events: undefined, stale: undefined, ...source },
    targets: targets.map((target) => ({ ref: undefined, optional: false, ...target, inputs: { ...target.inputs } })),
    check: undefined
  })),
  inbound: file.inbound.map(({ source, targets }) => ({
    source: { id: undefined, branches: undefined, ...source },
    targets: targets.map(({ accept_inputs, refs, workflow }) => ({
      workflow,
      acceptInputs: [...new Set(accept_inputs)],
      refs
    }))
  }))
})

describe("any valid config", () => {
  it.prop(
    "survives being written as YAML, in block and in flow style",
    { file: validFile },
    ({ file }) => {
      for (const collectionStyle of ["block", "flow"] as const) {
        const config = parsed(stringify(file, { collectionStyle, aliasDuplicateObjects: true }))
        assert.deepEqual(plain(config) as unknown, expectedOf(file))
      }
    },
    { arbitrary: { runs: 60 } }
  )

  it.prop("survives being written as JSON", { file: validFile }, ({ file }) => {
    assert.deepEqual(plain(parsed(JSON.stringify(file))) as unknown, expectedOf(file))
  })
})

describe("DispatchingFile", () => {
  it("takes no workflow that does not become a file name", () => {
    const isWorkflow = Schema.is(DispatchingFile)
    for (const file of [
      "ci.yml",
      "ci.YAML",
      "ci",
      ".yml",
      "a b.yml",
      "x/ci.yml",
      "ci.yml.txt",
      "ci@v1.yml",
      "ci.yml@v1.yml",
      " deploy prod #1? (100%) ü.yml",
      "a\\b:*[c].yaml",
      "ci\u0000.yml"
    ]) {
      for (const text of [
        file,
        `.github/workflows/${file}`,
        `.GitHub/Workflows/${file}@main`,
        `${file}@refs/heads/a@b.yml`
      ]) {
        const accepted = isWorkflow({
          outbound: [{ source: { workflow: text }, targets: [{ repository: "r", workflow: text }] }]
        })
        const controlled = /\p{Cc}/u.test(file)
        assert.strictEqual(accepted, isWorkflowFileName(normalizeWorkflow(text)) && !controlled, JSON.stringify(text))
      }
    }
  })

  it("makes a JSON Schema that checks every string, and knows every key", () => {
    const unchecked: Array<string> = []
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== "object" || node === null) return
      const at = new Map<string, unknown>(Object.entries(node))
      if (at.get("type") === "string" && !at.has("pattern") && !at.has("enum")) unchecked.push(path)
      if (at.has("properties") && at.get("additionalProperties") !== false) unchecked.push(path)
      for (const [key, child] of at) visit(child, /^(properties|items|anyOf|\d+)$/.test(key) ? path : `${path}/${key}`)
    }
    visit(Schema.toJsonSchemaDocument(DispatchingFile, { onExcessProperty: "error" }).schema, "")
    assert.deepStrictEqual(unchecked, [])
  })
})
