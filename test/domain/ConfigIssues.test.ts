import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { stringify } from "yaml"
import type { ConfigIssue } from "../../src/domain/Config.ts"
import { parseConfig } from "../../src/domain/ConfigFile.ts"
import { templateVariables } from "../../src/domain/Template.ts"

const issuesOf = (text: string): ReadonlyArray<ConfigIssue> => {
  const result = parseConfig(text)
  return Result.isFailure(result) ? result.failure : []
}

const shown = (text: string): ReadonlyArray<string> =>
  issuesOf(text).map(({ column, line, message, path }) => `${line}:${column} ${path}: ${message}`)

/** One rule, of which only a part matters; line 3 is where the part starts. */
const outboundSource = (lines: string) => `outbound:
  - source:
      ${lines}
    targets: [{ repository: r, workflow: w.yml }]
`
const outboundTarget = (target: string) => `outbound:
  - source: { workflow: ci.yml }
    targets:
      - ${target}
`
const inboundSource = (source: string) => `inbound:
  - source: ${source}
    targets: [{ workflow: cd.yml }]
`
const inboundTarget = (target: string) => `inbound:
  - source: { repository: r, workflow: ci.yml }
    targets:
      - ${target}
`

const conclusions =
  "one of success, failure, cancelled, skipped, neutral, timed_out, action_required, stale, startup_failure"
const refPattern = "a branch or tag, or a pattern of one with * or ** (no spaces, nor ~ ^ : ? [ \\)"
const ref = "one branch or tag, or @default (no wildcards or spaces, nor ~ ^ : ? [ \\)"
const inputName = "the name of an input: letters, digits, - and _, not starting with a digit or -"
const workflow = "a workflow file, such as ci.yml or .github/workflows/ci.yml"
const outboundRepository = "a repository as name or owner/name, without wildcards"
const inboundRepository = "a repository as name or owner/name, where * may stand in the name but not in the owner"
const repositoryId = "the id of a repository: digits, in quotes if there are more than 15"
const event = "one of the events that start workflows, such as push, schedule or workflow_dispatch"
const notExcluding =
  "what is meant, such as main or release/*: an ! at the start excludes nothing, so name what is to match"
const otherRefs = "a branch, refs/heads/… or refs/tags/…: workflows are started on no other refs"
const gitNames =
  "what git takes for a name (no .. // or @{, no part that starts with . or ends with .lock, no . at the end)"
const straightQuotes = 'a value whose quotes are straight (") and stand around all of it once'
const slashes = "a branch or tag without / at its start or end"
const neverARef = [
  ["release/", slashes, "release/**"],
  ["/main", slashes, "main"],
  ["a..b", gitNames],
  ["a//b", gitNames],
  ["a@{1}", gitNames],
  [".hidden/*", gitNames],
  ["x/.y", gitNames],
  ["*.lock", gitNames],
  ["v1.", gitNames],
  ["@", gitNames],
  ["“main”", straightQuotes, "main"],
  ["009b8a3a9ccbb128af87f9b1c0f4c62e8a304f6d", "a branch or tag; GitHub starts no workflow on a commit SHA"]
] as const
const noDollar = "{{ … }} without $: GitHub's own expressions mean nothing here"
const braces = "{{ }} around a variable"
const variables = `one of ${templateVariables.join(", ")} in each {{ }}`
const writes = (instead: string | undefined) => (instead === undefined ? "" : `; write "${instead}"`)

describe("values of the wrong type", () => {
  it.each([
    ["- a", "1:1 : expected a mapping (key: value), found a list"],
    ["text", '1:1 : expected a mapping (key: value), found the string "text"'],
    ["outbound: 1", "1:11 outbound: expected a list, found the number 1"],
    ["outbound: {}", "1:11 outbound: expected a list, found a mapping"],
    ["inbound: all", '1:10 inbound: expected a list, found the string "all"; put it in [ ]'],
    ["outbound: [~]", "1:12 outbound[0]: expected a mapping (key: value), found nothing"],
    [outboundSource("workflow:"), "3:7 outbound[0].source.workflow: expected a string, found nothing"],
    [
      outboundSource("workflow: 0x1F"),
      "3:17 outbound[0].source.workflow: expected a string, found the number 0x1F; put it in quotes"
    ],
    [
      outboundSource("workflow: ci.yml\n      branches: main"),
      '4:17 outbound[0].source.branches: expected a list, found the string "main"; put it in [ ]'
    ],
    [
      outboundSource("workflow: ci.yml\n      branches:"),
      "4:7 outbound[0].source.branches: expected a list, found nothing"
    ],
    [
      outboundTarget("{ repository: r, workflow: w.yml, inputs: { version: 1.20 } }"),
      "4:62 outbound[0].targets[0].inputs.version: expected a string, found the number 1.20; put it in quotes"
    ],
    [
      outboundTarget("{ repository: r, workflow: w.yml, inputs: { dry: true } }"),
      "4:58 outbound[0].targets[0].inputs.dry: expected a string, found the boolean true; put it in quotes"
    ],
    [
      outboundTarget("{ repository: r, workflow: w.yml, inputs: [sha] }"),
      "4:51 outbound[0].targets[0].inputs: expected a mapping (key: value), found a list"
    ],
    [inboundTarget("cd.yml"), '4:9 inbound[0].targets[0]: expected a mapping (key: value), found the string "cd.yml"']
  ])("%j", (text, expected) => {
    assert.deepStrictEqual(shown(text), [expected])
  })
})

describe("values of the right type that mean nothing", () => {
  it.each([
    [outboundSource("workflow: ci"), `3:17 outbound[0].source.workflow: expected ${workflow}, found the string "ci"`],
    [
      outboundSource("workflow: apps/ci.yml"),
      `3:17 outbound[0].source.workflow: expected ${workflow}, found the string "apps/ci.yml"`
    ],
    [
      outboundSource(`workflow: ${"x".repeat(300)}.yml`),
      `3:17 outbound[0].source.workflow: expected at most 255 characters, found the string "${"x".repeat(60)}…"`
    ],
    [
      outboundSource("{ workflow: ci.yml, branches: [] }"),
      "3:37 outbound[0].source.branches: expected at least one branch, or no branches key for the default branch only, found an empty list"
    ],
    [
      outboundSource("{ workflow: ci.yml, branches: [main, ''] }"),
      `3:44 outbound[0].source.branches[1]: expected ${refPattern}, found the string ""`
    ],
    [
      outboundSource("{ workflow: ci.yml, branches: ['v[0-9]'] }"),
      `3:38 outbound[0].source.branches[0]: expected ${refPattern}, found the string "v[0-9]"`
    ],
    [
      outboundSource("{ workflow: ci.yml, conclusions: [] }"),
      "3:40 outbound[0].source.conclusions: expected at least one conclusion, or no conclusions key for success only, found an empty list"
    ],
    [
      outboundSource("{ workflow: ci.yml, conclusions: [sucess] }"),
      `3:41 outbound[0].source.conclusions[0]: expected ${conclusions}, found the string "sucess", did you mean "success"?`
    ],
    [
      outboundSource("{ workflow: ci.yml, conclusions: [1] }"),
      `3:41 outbound[0].source.conclusions[0]: expected ${conclusions}, found the number 1`
    ],
    [
      outboundSource("{ workflow: ci.yml, events: [] }"),
      "3:35 outbound[0].source.events: expected at least one event, or no events key for any but those that strangers may cause, found an empty list"
    ],
    ...[
      ["Pull-Request", "pull_request"],
      ["pushed", "push"],
      ["Push", "push"],
      ["issue_comments", "issue_comment"],
      ["workflow_dispatched", "workflow_dispatch"]
    ].map(([wrong, right]) => [
      outboundSource(`{ workflow: ci.yml, events: [${wrong}] }`),
      `3:36 outbound[0].source.events[0]: expected ${event}, found the string "${wrong}", did you mean "${right}"?`
    ]),
    ...["cron", "workflow_call", "''"].map((wrong) => [
      outboundSource(`{ workflow: ci.yml, events: [${wrong}] }`),
      `3:36 outbound[0].source.events[0]: expected ${event}, found the string "${wrong.replaceAll("'", "")}"`
    ]),
    ...(
      [
        ["!dependabot/**", notExcluding],
        ["refs/heads/main", "a branch or tag without refs/heads/ or refs/tags/", "main"],
        ["refs/tags/v*", "a branch or tag without refs/heads/ or refs/tags/", "v*"],
        ["@default", "the name of a branch: @default may stand in ref and refs only"],
        ...neverARef
      ] as const
    ).flatMap(([pattern, expected, instead]) => [
      [
        outboundSource(`{ workflow: ci.yml, branches: ["${pattern}"] }`),
        `3:38 outbound[0].source.branches[0]: expected ${expected}, found the string "${pattern}"${writes(instead)}`
      ],
      [
        inboundSource(`{ repository: r, workflow: ci.yml, branches: ["${pattern}"] }`),
        `2:59 inbound[0].source.branches[0]: expected ${expected}, found the string "${pattern}"${writes(instead)}`
      ]
    ]),
    ...([["!main", notExcluding], ["refs/pull/*", otherRefs], ["refs/heads", otherRefs], ...neverARef] as const).map(
      ([pattern, expected, instead]) => [
        inboundTarget(`{ workflow: cd.yml, refs: ["${pattern}"] }`),
        `4:36 inbound[0].targets[0].refs[0]: expected ${expected}, found the string "${pattern}"${writes(instead)}`
      ]
    ),
    [
      outboundTarget("{ repository: r, workflow: w.yml, ref: refs/pull/1/head }"),
      '4:48 outbound[0].targets[0].ref: expected a branch, refs/heads/… or refs/tags/…: GitHub starts workflows on no other refs, found the string "refs/pull/1/head"'
    ],
    [
      outboundTarget("{ repository: o/r.git, workflow: w.yml }"),
      '4:23 outbound[0].targets[0].repository: expected the name of a repository without .git, found the string "o/r.git"; write "o/r"'
    ],
    ...(
      [
        [`\${{ source.sha }}`, noDollar, "{{ source.sha }}"],
        [`\${{ github.sha }}`, noDollar, "{{ source.sha }}"],
        [`v-\${{ github.ref_name }}`, noDollar, "v-{{ github.ref_name }}"],
        ["“{{ source.sha }}”", straightQuotes, "{{ source.sha }}"],
        ["“production”", straightQuotes, "production"],
        ["{{ source.shaa }}", variables, "{{ source.sha }}"],
        ["{{ sha }}", variables, "{{ source.sha }}"],
        ["{{ source.sha", variables, "{{ source.sha }}"],
        ["{{ source.sha }", variables, "{{ source.sha }}"],
        ["{{ nonsense }}", variables],
        ["{source.sha}", braces, "{{ source.sha }}"],
        ["v{ source.run_id }}-x", braces, "v{{ source.run_id }}-x"],
        [`\${source.sha}`, braces, "{{ source.sha }}"],
        ["$source.sha", braces, "{{ source.sha }}"],
        ["%source.sha%", braces, "{{ source.sha }}"],
        ["<%= source.sha %>", braces, "{{ source.sha }}"],
        ["[[ source.sha ]]", braces, "{{ source.sha }}"],
        ["", "a value that is not empty"],
        ["a\\n", "text without line ends and other control characters (>- in place of | or > makes one line)"],
        ["\\ud800", "text without line ends and other control characters (>- in place of | or > makes one line)"]
      ] as const
    ).map(([value, expected, instead]) => [
      outboundTarget(`{ repository: r, workflow: w.yml, inputs: { x: "${value}" } }`),
      `4:56 outbound[0].targets[0].inputs.x: expected ${expected}, found the string "${value}"${writes(instead)}`
    ]),
    [
      "outbound: [{ source: { workflow: ci.yml }, targets: [] }]",
      "1:53 outbound[0].targets: expected at least one target, found an empty list"
    ],
    [
      outboundTarget('{ repository: "shop-*", workflow: w.yml }'),
      `4:23 outbound[0].targets[0].repository: expected ${outboundRepository}, found the string "shop-*"`
    ],
    [
      outboundTarget("{ repository: https://github.com/acme/shop, workflow: w.yml }"),
      `4:23 outbound[0].targets[0].repository: expected ${outboundRepository}, found the string "https://github.com/acme/shop"`
    ],
    [
      outboundTarget("{ repository: r, workflow: w.yml, ref: feature branch }"),
      `4:48 outbound[0].targets[0].ref: expected ${ref}, found the string "feature branch"`
    ],
    [
      outboundTarget('{ repository: r, workflow: w.yml, ref: "a\\u0007" }'),
      `4:48 outbound[0].targets[0].ref: expected ${ref}, found the string "a\\u0007"`
    ],
    [
      outboundTarget('{ repository: r, workflow: w.yml, ref: "release/*" }'),
      `4:48 outbound[0].targets[0].ref: expected ${ref}, found the string "release/*"`
    ],
    [
      outboundTarget("{ repository: r, workflow: w.yml, ref: 009b8a3a9ccbb128af87f9b1c0f4c62e8a304f6d }"),
      "4:48 outbound[0].targets[0].ref: expected a branch or tag; GitHub starts no workflow on a commit SHA, " +
        'found the string "009b8a3a9ccbb128af87f9b1c0f4c62e8a304f6d"'
    ],
    [
      outboundTarget(`{ repository: r, workflow: w.yml, ref: ${"Ab".repeat(32)} }`),
      "4:48 outbound[0].targets[0].ref: expected a branch or tag; GitHub starts no workflow on a commit SHA, " +
        `found the string "${"Ab".repeat(30)}…"`
    ],
    [
      inboundSource('{ repository: "*/shop", workflow: ci.yml }'),
      `2:27 inbound[0].source.repository: expected ${inboundRepository}, found the string "*/shop"`
    ],
    [
      inboundSource('{ repository: "acme*/shop", workflow: ci.yml }'),
      `2:27 inbound[0].source.repository: expected ${inboundRepository}, found the string "acme*/shop"`
    ],
    [
      outboundSource("{ workflow: ci.yml, stale: skipp }"),
      '3:34 outbound[0].source.stale: expected skip, found the string "skipp", did you mean "skip"?'
    ],
    ...["0", "-1", "1.5", "3804004623172239366"].map((id) => [
      inboundSource(`{ repository: o/r, workflow: ci.yml, id: ${id} }`),
      `2:54 inbound[0].source.id: expected ${repositoryId}, found the number ${id}`
    ]),
    ...["", "05", "12a", "１"].map((id) => [
      inboundSource(`{ repository: o/r, workflow: ci.yml, id: "${id}" }`),
      `2:54 inbound[0].source.id: expected ${repositoryId}, found the string "${id}"`
    ]),
    [
      inboundTarget("{ workflow: cd.yml, refs: [] }"),
      "4:35 inbound[0].targets[0].refs: expected at least one ref, or no refs key for any ref, found an empty list"
    ],
    [
      inboundTarget("{ workflow: cd.yml, accept_inputs: [sha, 2nd] }"),
      `4:50 inbound[0].targets[0].accept_inputs[1]: expected ${inputName}, found the string "2nd"`
    ]
  ])("%j", (text, expected) => {
    assert.deepStrictEqual(shown(text), [expected])
  })

  it("takes a branch of 39 hexadecimal digits for what it is", () => {
    assert.deepStrictEqual(shown(outboundTarget(`{ repository: r, workflow: w.yml, ref: ${"a".repeat(39)} }`)), [])
  })
})

describe("keys", () => {
  it.each([
    ["outbond: []", '1:1 outbond: unknown key "outbond", did you mean "outbound"? Expected one of outbound, inbound'],
    ["Inbound: []", '1:1 Inbound: unknown key "Inbound", did you mean "inbound"? Expected one of outbound, inbound'],
    ["on: push", '1:1 on: unknown key "on"; expected one of outbound, inbound'],
    ["1: a", '1:1 1: unknown key "1"; expected one of outbound, inbound'],
    ["? a b\n: c", '1:3 ["a b"]: unknown key "a b"; expected one of outbound, inbound'],
    ["__proto__: { outbound: [] }", '1:1 __proto__: unknown key "__proto__"; expected one of outbound, inbound'],
    ["constructor: []", '1:1 constructor: unknown key "constructor"; expected one of outbound, inbound'],
    [
      "a: &a {}\n<<: *a",
      '1:1 a: unknown key "a"; expected one of outbound, inbound',
      '2:1 ["<<"]: unknown key "<<"; expected one of outbound, inbound'
    ],
    [
      outboundSource("workflow: ci.yml\n      branch: [main]"),
      '4:7 outbound[0].source.branch: unknown key "branch", did you mean "branches"? Expected one of workflow, branches, conclusions, events, stale'
    ],
    [
      outboundTarget("{ repo: r, workflow: w.yml }"),
      '4:9 outbound[0].targets[0].repository: missing key "repository"',
      '4:11 outbound[0].targets[0].repo: unknown key "repo", did you mean "repository"? Expected one of repository, workflow, ref, inputs, optional'
    ],
    [
      inboundTarget("{ workflow: cd.yml, accepted_inputs: [sha] }"),
      '4:29 inbound[0].targets[0].accepted_inputs: unknown key "accepted_inputs", did you mean "accept_inputs"? Expected one of workflow, accept_inputs, refs'
    ],
    [outboundSource("branches: [main]"), '2:5 outbound[0].source.workflow: missing key "workflow"'],
    [
      "inbound:\n  - {}",
      '2:5 inbound[0].source: missing key "source"',
      '2:5 inbound[0].targets: missing key "targets"'
    ],
    [
      outboundTarget("{ repository: r, workflow: w.yml, inputs: { 1st: a, 'a b': b, '': c, __proto__: d } }"),
      ...[
        ["53", ".1st", "1st"],
        ["61", '["a b"]', "a b"],
        ["71", '[""]', ""],
        ["78", ".__proto__", "__proto__"]
      ].map(
        ([column, key, name]) =>
          `4:${column} outbound[0].targets[0].inputs${key}: expected ${inputName}, found the key "${name}"`
      )
    ]
  ])("%j", (text, ...expected) => {
    assert.deepStrictEqual(shown(text), expected)
  })

  it("that are repeated are named with the first line, wherever they stand", () => {
    const text = `outbound:
  - source:
      workflow: ci.yml
      "workflow": ci.yml
    targets: [{ repository: r, workflow: w.yml, inputs: { a: x, b: y, a: z } }]
outbound: []
outbound: []
`
    assert.deepStrictEqual(shown(text), [
      '4:7 outbound[0].source.workflow: repeated key "workflow", first on line 3',
      '5:71 outbound[0].targets[0].inputs.a: repeated key "a", first on line 5',
      '6:1 outbound: repeated key "outbound", first on line 1',
      '7:1 outbound: repeated key "outbound", first on line 1'
    ])
  })
})

describe("aliases", () => {
  it.each([
    [
      "inbound: *rules",
      "1:10 inbound: unknown alias *rules, no &rules before it; put a pattern that starts with * in quotes"
    ],
    ["inbound: &a [*a]", "1:14 inbound[0]: the alias *a stands inside of &a itself"],
    [
      "outbound: &a\n  - source: { workflow: ci }\n    targets: [{ repository: r, workflow: w.yml }]\ninbound: []",
      `2:25 outbound[0].source.workflow: expected ${workflow}, found the string "ci"`
    ],
    [
      outboundSource("{ workflow: &w ci, branches: [*w, **] }"),
      `3:22 outbound[0].source.workflow: expected ${workflow}, found the string "ci"`,
      "3:41 outbound[0].source.branches[1]: unknown alias **, no &* before it; put a pattern that starts with * in quotes"
    ],
    [
      `inbound:
  - source: &s { repository: r, workflow: 1, branch: [] }
    targets: [{ workflow: cd.yml }]
  - source: *s
    targets: [{ workflow: cd.yml }]
`,
      ...[0, 1]
        .flatMap((rule) => [
          `2:43 inbound[${rule}].source.workflow: expected a string, found the number 1; put it in quotes`,
          `2:46 inbound[${rule}].source.branch: unknown key "branch", did you mean "branches"? Expected one of repository, workflow, id, branches`
        ])
        .toSorted()
    ]
  ])("%j", (text, ...expected) => {
    assert.deepStrictEqual(shown(text), expected)
  })
})

describe("text that is not YAML", () => {
  it.each([
    [
      outboundTarget("ref: @default"),
      "4:14",
      "Plain value cannot start with reserved character @; put the value in quotes"
    ],
    [
      outboundTarget("inputs: { sha: {{ source.sha }} }"),
      "4:25",
      'a key must be plain text; put a template such as "{{ source.sha }}" in quotes'
    ],
    ["outbound: [*]", "1:12", "Alias cannot be an empty string; put a value that starts with * or & in quotes"],
    ["a: b: c", "1:4", 'Nested mappings are not allowed in compact mappings; put a value that contains ": " in quotes'],
    ["outbound:\n\t- a", "2:1", "Tabs are not allowed as indentation"],
    ["a:\n  - b\n c: d", "3:1", "All mapping items must start at the same column"],
    ["outbound: [a", "1:13", "Flow sequence in block collection must be sufficiently indented and end with a ]"],
    ['a: "b', "1:6", 'Missing closing "quote'],
    ["a: !secret b", "1:4", "Unresolved tag: !secret; write the value without a tag"],
    ["a: !!binary aGk=", "1:4", "Unresolved tag: tag:yaml.org,2002:binary; write the value without a tag"],
    [`a: |${"x".repeat(500)}\n b`, "1:5", `Block scalar header includes extra characters: |${"x".repeat(152)}`]
  ])("%j", (text, place, message) => {
    assert.deepStrictEqual(shown(text), [`${place} : not valid YAML: ${message}`])
  })

  it("has all that is wrong with it as YAML reported, and nothing else", () => {
    assert.deepStrictEqual(
      shown("outbond: @a\ninbound: `b`\n").map((issue) => issue.slice(0, 22)),
      ["1:10 : not valid YAML:", "2:10 : not valid YAML:"]
    )
  })
})

describe("a link's target in the place of the file", () => {
  const link =
    "found only a path, as a symbolic link has it; links are not followed, so put the rules into this file itself"
  it.each(["rules.yml", "../shared/dispatching.yml", "config/rules", "Rules.YAML"])("%s", (text) => {
    assert.deepStrictEqual(shown(text), [`1:1 : ${link}`])
  })
  it.each(["text", "a.yml\n", "outbound: a/b.yml", "# a/b", "[a/b]"])("is not %j", (text) => {
    assert.notInclude(shown(text).join(), link)
  })
})

describe("invisible characters", () => {
  const named = (name: string, code: string) =>
    `found ${name}, which cannot be seen; delete it, or write "${code}" in double quotes`

  it.each([
    ["\u00a0", "a no-break space (U+00A0)", "\\u00a0"],
    ["\u200b", "a zero-width space (U+200B)", "\\u200b"],
    ["\ufeff", "a byte order mark (U+FEFF)", "\\ufeff"],
    ["\u202e", "an invisible mark of text direction (U+202E)", "\\u202e"],
    ["\u2003", "an invisible blank (U+2003)", "\\u2003"],
    ["\u200d", "a zero-width joiner (U+200D)", "\\u200d"]
  ])("%j is named at its place", (character, name, code) => {
    assert.deepStrictEqual(shown(outboundSource(`{ workflow: ci${character}.yml, branches: ["a${character}b"] }`)), [
      `3:21 : ${named(name, code)}`,
      `3:41 : ${named(name, code)}`
    ])
  })

  it("are named in front of what they make of the text", () => {
    assert.deepStrictEqual(shown("outbound: []\n\u00a0\u00a0inbound: []\n"), [
      `2:1 : ${named("a no-break space (U+00A0)", "\\u00a0")}`,
      '2:1 ["\\u00a0\\u00a0inbound"]: unknown key "\\u00a0\\u00a0inbound", did you mean "inbound"? Expected one of outbound, inbound'
    ])
    assert.strictEqual(
      shown("outbound:\n  -\u00a0source: x\n    targets: []\n")[0],
      `2:4 : ${named("a no-break space (U+00A0)", "\\u00a0")}`
    )
  })

  it.each([
    ["comments", outboundSource("workflow: ci.yml # voilà\u00a0!")],
    ["an emoji that is joined", outboundTarget('{ repository: r, workflow: w.yml, inputs: { x: "👩‍💻" } }')],
    ["an escape, where one is meant", outboundSource('{ workflow: "ci\\u00a0.yml", branches: ["a\\u200bb"] }')]
  ])("may stand in %s", (_, text) => assert.deepStrictEqual(shown(text), []))
})

describe("many problems", () => {
  it("are all reported at once, in the order of the text", () => {
    const text = `outbound:
  - source:
      workflow: ci
      branches: main
    target:
      - repository: a b
inbound:
  - targets:
      - workflow: cd.yml
        workflow: cd.yml
    source: { repository: "*/*", workflow: 1 }
extra: 1
`
    assert.deepStrictEqual(
      issuesOf(text).map(({ line, path }) => `${line} ${path}`),
      [
        "2 outbound[0].targets",
        "3 outbound[0].source.workflow",
        "4 outbound[0].source.branches",
        "5 outbound[0].target",
        "10 inbound[0].targets[0].workflow",
        "11 inbound[0].source.repository",
        "11 inbound[0].source.workflow",
        "12 extra"
      ]
    )
  })

  it("are listed up to a hundred, and then counted", () => {
    const keys = (count: number) => Array.from({ length: count }, (_, index) => `key${index}: 1\n`).join("")
    assert.strictEqual(issuesOf(keys(100)).length, 100)
    const issues = issuesOf(keys(342))
    assert.strictEqual(issues.length, 101)
    assert.deepStrictEqual(issues[100], {
      line: 101,
      column: 1,
      path: "",
      message: "and 242 more problems from here on"
    })
  })
})

describe("every JSON type in every field", () => {
  const valid = {
    outbound: [
      {
        source: { workflow: "ci.yml", branches: ["main"], conclusions: ["success"], events: ["push"] },
        targets: [{ repository: "r", workflow: "w.yml", ref: "main", inputs: { sha: "x" } }]
      }
    ],
    inbound: [
      {
        source: { repository: "r", workflow: "ci.yml", branches: ["main"] },
        targets: [{ workflow: "cd.yml", accept_inputs: ["sha"], refs: ["main"] }]
      }
    ]
  }

  type Path = ReadonlyArray<string | number>

  const pathsIn = (value: unknown, path: Path): ReadonlyArray<Path> => {
    if (typeof value !== "object" || value === null) return [path]
    const children = Array.isArray(value)
      ? value.flatMap((item, index) => pathsIn(item, [...path, index]))
      : Object.entries(value).flatMap(([key, child]) => pathsIn(child, [...path, key]))
    return [path, ...children]
  }

  const replaced = (value: unknown, [key, ...rest]: Path, by: unknown): unknown => {
    if (key === undefined) return by
    if (Array.isArray(value)) return value.map((item, index) => (index === key ? replaced(item, rest, by) : item))
    return Object.fromEntries(
      Object.entries(value as object).map(([name, child]) => [name, name === key ? replaced(child, rest, by) : child])
    )
  }

  const show = (path: Path) =>
    path.map((key, index) => (typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`)).join("")

  const wrong: ReadonlyArray<unknown> = [null, true, 0, -1.5, "", "x\u0000", [], [null], [[]], {}, { x: 1 }]

  const accepted: ReadonlySet<string> = new Set([
    " null",
    " {}",
    "outbound null",
    "outbound []",
    "inbound null",
    "inbound []",
    "outbound[0].targets[0].inputs null",
    "outbound[0].targets[0].inputs {}",
    "inbound[0].targets[0].accept_inputs null",
    "inbound[0].targets[0].accept_inputs []"
  ])

  it.each(pathsIn(valid, []).map((path) => [show(path), path] as const))("%s", (shownPath, path) => {
    for (const value of wrong) {
      for (const text of [stringify(replaced(valid, path, value)), JSON.stringify(replaced(valid, path, value))]) {
        const issues = issuesOf(text)
        const isAccepted = accepted.has(`${shownPath} ${JSON.stringify(value)}`)
        assert.strictEqual(issues.length === 0, isAccepted, `${JSON.stringify(value)}: ${JSON.stringify(issues)}`)
        for (const issue of issues) assert.isTrue(issue.path.startsWith(shownPath), JSON.stringify(issue))
      }
    }
  })
})

describe("any JSON value", () => {
  it.prop("is answered, with places inside the text", { value: Schema.Json }, ({ value }) => {
    for (const text of [stringify(value), JSON.stringify({ outbound: [{ source: value, targets: value }] })]) {
      const lines = text.split("\n")
      for (const { column, line, message } of issuesOf(text)) {
        assert.isTrue(column >= 1 && column <= (lines[line - 1]?.length ?? -1) + 1, `${line}:${column} in ${text}`)
        assert.isTrue(message !== "" && message.length < 700, message)
      }
    }
  })
})
