/**
 * Reports as Markdown, against texts that try to be more than text. Nothing here renders Markdown: what `escapeMarkdown` gives is held to
 * an alphabet in which there is no Markdown, and then read as a browser reads character references.
 */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { WorkflowFile } from "../../src/domain/Names.ts"
import type { ReportedRun, ReportedTarget } from "../../src/domain/Report.ts"
import {
  commentBody as bodyOf,
  commentMarker,
  escapeMarkdown,
  issueBody,
  issueMarker,
  issueTitle
} from "../../src/domain/ReportMarkdown.ts"
import { advance, type Notified, situationOf } from "../../src/domain/Situation.ts"
import { GitHubId, RunKey } from "../../src/domain/SourceRun.ts"
import { repository, sourceRun, workflow } from "../fixtures/Runs.ts"

/** What GitHub says of a body: "body is too long (maximum is 65536 characters)". */
const githubLimit = 65_536

const hostile = [
  "",
  " ",
  "plain",
  "| a | b |",
  "\\|",
  "a\nb\r\nc",
  "\u2028\u2029\u0085",
  "`code`",
  "```\ncode",
  "**bold** _it_ ~~x~~",
  "<script>alert(1)</script>",
  "</code></td></table>",
  "<!-- x -->",
  "-->",
  "&lt;b&gt; &#64;octocat &commat;octocat",
  "@octocat",
  "@acme/team and @octocat",
  "#1",
  "acme/app#1",
  "GH-1 gh-23",
  "https://evil.example/x?y=1#z",
  "HTTP://evil.example",
  "www.evil.example",
  "_www.evil.example WwW.evil.example",
  "ftp://evil.example",
  "mailto:a@evil.example",
  "https://github.com/acme/app/issues/1",
  "[text](javascript:alert(1))",
  "![image](https://evil.example/x.png)",
  "[ref]: https://evil.example",
  "- [ ] task",
  "# heading",
  "> quote",
  "1. list",
  "---",
  "$x^2$ $$y$$ $`z`$",
  ":tada: :+1: :100: a:b:c",
  "{run} $& $1 $'",
  "\u202egnp.exe\u202c \u2066x\u2069 \u061c",
  "zero\u200bwidth\u200d\u2060\ufeff\u00ad\u180e",
  "\ufff9annotated\ufffb \u0600\u06dd",
  "tag\u{e0041}\u{e007f} filler\u3164\u115f\uffa0",
  "\u0000\u0007\u001b[31mred\u001b[0m\u009b",
  "\ud800 lone \udc00",
  "👩‍👩‍👧 ⚠️ naïve 日本語 עברית",
  "@".repeat(1000),
  "\u{1f680}".repeat(200),
  `${"x".repeat(298)}\u{1f680}\u{1f680}`,
  "\u{10ffff}\ufffe"
]

/** Letters, digits, the plainest punctuation, and character references. */
const harmless = /^(?:[\p{L}\p{N} .,;/'-]|&#\d{1,7};)*$/u

/** What a reader sees, zero-width spaces included. */
const rendered = (markdown: string): string =>
  markdown.replace(/&#(\d+);/g, (_, digits: string) => String.fromCodePoint(Number(digits)))

/** What GitHub looks for in rendered text: mentions, issues, links, emoji. */
const found = /@\w|#\d|gh-\d|https?:|ftp:|www\.|:[\w+-]+:/i

const isInvisible = (character: string): boolean =>
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(character)

/** The text as it should be seen: in one line, without what cannot be seen, and not endless. */
const visible = (text: string): string => {
  let shown = ""
  for (const character of text.toWellFormed()) {
    if (!isInvisible(character)) shown += character
    else if (!shown.endsWith("\u0000")) shown += "\u0000"
  }
  return shown.replaceAll("\u0000", " ")
}

const checkEscaped = (text: string) => {
  const escaped = escapeMarkdown(text)
  assert.match(escaped, harmless)
  const seen = rendered(escaped)
  assert.notMatch(seen, found)
  assert.isTrue(seen.isWellFormed())
  assert.notMatch(seen.replaceAll("\u200b", ""), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  if (text.length <= 300) assert.strictEqual(seen.replaceAll("\u200b", ""), visible(text))
  else assert.match(seen, /…$/)
  assert.isAtMost(seen.replaceAll("\u200b", "").length, 300)
}

/** The comment about what is wrong in these runs, the newest first. */
const commentBody = (...runs: ReadonlyArray<ReportedRun>): string => {
  const found = situationOf(runs, [])
  return bodyOf("failure", found, { problems: found.problems, count: 1 }, runs)
}
const nothing: Notified = { problems: [], count: 0 }
const situation = situationOf([], [])
const unknown = { ...situation, isKnown: false }

describe("escapeMarkdown", () => {
  it.each(hostile)("shows %j and nothing else", checkEscaped)

  it.prop("shows any text, and nothing else", [Schema.String], ([text]) => checkEscaped(text), {
    arbitrary: { runs: 1000, size: 60 }
  })

  it.prop(
    "shows any mixture of hostile texts, and nothing else",
    [Schema.Array(Schema.Literals(hostile.slice(1)))],
    ([texts]) => checkEscaped(texts.join("")),
    { arbitrary: { runs: 500 } }
  )

  it("leaves ordinary names as they are", () => {
    assert.strictEqual(escapeMarkdown("acme/app ci.yml"), "acme/app ci.yml")
    assert.strictEqual(escapeMarkdown("release/1.2"), "release/1.2")
  })

  it("cuts between characters, never within one", () => {
    assert.strictEqual(rendered(escapeMarkdown(`${"x".repeat(298)}\u{1f680}\u{1f680}`)), `${"x".repeat(298)}…`)
  })

  it.prop(
    "looks at no more of a text than it shows, so that its cost has a limit",
    [Schema.Literals(hostile.slice(1).filter((text) => text !== "")), Schema.String],
    ([unit, tail]) => {
      const text = unit.repeat(301)
      assert.strictEqual(escapeMarkdown(text + tail), escapeMarkdown(`${text.slice(0, 300)}x`))
    }
  )
})

const target = (text: string, overrides: Partial<ReportedTarget> = {}): ReportedTarget => ({
  repository: repository("acme/deploy"),
  workflow: WorkflowFile.make(text === "" ? "cd.yml" : text.toWellFormed()),
  ref: text,
  status: "failed",
  code: "unprocessable",
  message: text,
  url: null,
  needsAttention: true,
  ...overrides
})

const run = (overrides: Partial<ReportedRun> = {}): ReportedRun => ({
  key: RunKey.make("1/2/1"),
  runId: GitHubId.make("2"),
  attempt: 1,
  url: sourceRun().url,
  branch: "main",
  sha: sourceRun().sha,
  conclusion: "success",
  configProblems: [],
  targets: [],
  ...overrides
})

/** A report in which a text stands wherever a text may stand. */
const runOf = (text: string): ReportedRun =>
  run({
    branch: text,
    sha: text,
    url: text,
    configProblems: [text, text],
    targets: [
      target(text),
      target(text, { status: "dispatched", url: text }),
      target(text, { code: text, status: "denied" })
    ]
  })

const rowsOf = (body: string): ReadonlyArray<string> => {
  const lines = body.split("\n")
  return lines.slice(lines.indexOf("| --- | --- | --- |") + 1)
}

/** What may stand in a row besides text: our own tags, and links that cannot end early. */
const ownMarkup =
  /<code>|<\/code>|<br>|\[(?:started run|not over yet|no conclusion|(?:[\p{L}\p{N} .,;/'-]|&#\d{1,7};)*|\d+(?: \(attempt \d+\))?)\]\(https?:\/\/[^\s()<>[\]|\\`*_]+\)|[✅🚫❌❓⏳]|⚠️| \(attempt \d+\)/gu

const checkRow = (row: string) => {
  assert.match(row, /^\| [^|\n]*\| [^|\n]+ \| [^|\n]* ?\|$/u)
  for (const cell of row.split("|")) assert.match(cell.replace(ownMarkup, "").replace(": ", " "), harmless)
}

describe("A body", () => {
  it.each(hostile)("keeps %j in its cell", (text) => {
    const hostileRun = runOf(text)
    const body = issueBody(
      repository("acme/app"),
      WorkflowFile.make(text === "" ? "ci.yml" : text.toWellFormed()),
      [hostileRun],
      unknown
    )
    const rows = rowsOf(body)
    assert.strictEqual(rows.length, 5)
    rows.forEach(checkRow)
    rowsOf(commentBody(hostileRun)).forEach(checkRow)
    assert.strictEqual(body.match(/<!--/g)?.length, 1)
    assert.isTrue(body.isWellFormed())
  })

  it("is a table that people can read", () => {
    const dispatched = target("", {
      status: "dispatched",
      ref: "main",
      code: null,
      message: null,
      url: "https://github.com/acme/deploy/actions/runs/7",
      needsAttention: false
    })
    const denied = target("", {
      status: "denied",
      ref: "main",
      code: "inbound_ref",
      message: "Only on v1; not on main."
    })
    const body = issueBody(
      repository("acme/app"),
      workflow("ci.yml"),
      [
        run({ targets: [dispatched, denied], omitted: 3 }),
        run({ attempt: 2, branch: null, configProblems: ["dispatching.yml:1:3: unknown key"] })
      ],
      unknown
    )
    assert.strictEqual(
      body,
      [
        "<!-- dispatcher:report:ci.yml -->",
        "What the dispatcher started when <code>ci.yml</code> of <code>acme/app</code> finished, newest first.",
        "This text is rewritten after every run; a comment follows where something goes wrong, where something else does, and when all is well again.",
        "",
        "| Run | Target | Result |",
        "| --- | --- | --- |",
        "| [2](https://github.com/acme/app/actions/runs/30433642)<br><code>main</code> <code>acb5820</code> | <code>acme/deploy cd.yml</code> on <code>main</code> | ✅ [started run](https://github.com/acme/deploy/actions/runs/7) |",
        "|  | <code>acme/deploy cd.yml</code> on <code>main</code> | 🚫 denied <code>inbound&#95;ref</code>: Only on v1; not on main. |",
        "|  | and 3 more targets | |",
        "| [2 (attempt 2)](https://github.com/acme/app/actions/runs/30433642)<br><code>no branch</code> <code>acb5820</code> | dispatching.yml | ⚠️ dispatching.yml&#58;&#8203;1&#58;&#8203;3&#58; unknown key |"
      ].join("\n")
    )
  })

  it.each([
    ["javascript:alert(1)"],
    ["data:text/html,x"],
    ["vbscript:x"],
    ["/relative"],
    ["not an address"],
    ["file:///etc/passwd"],
    [""]
  ])("has no link to %s", (url) => {
    const body = commentBody(run({ url, targets: [target("x", { status: "dispatched", url })] }))
    assert.notInclude(body, "](")
  })

  it.each([
    ["https://x.example/a)b|c(d", "https://x.example/a%29b%7Cc%28d"],
    ["https://x.example/a b<c>`d`", "https://x.example/a%20b%3Cc%3E%60d%60"],
    ["https://x.example/\\[a]*_*", "https://x.example//%5Ba%5D%2A%5F%2A"],
    ["http://ghes.internal/x?a=1&b=2", "http://ghes.internal/x?a=1&b=2"]
  ])("links to %s as %s", (url, href) => {
    assert.include(commentBody(run({ targets: [target("x", { status: "dispatched", url })] })), `](${href})`)
  })

  it("is marked, so that it is found again, whatever the workflow is called", () => {
    for (const name of [...hostile, "CI.yml"].filter((text) => text !== "")) {
      const marker = issueMarker(WorkflowFile.make(name.toWellFormed()))
      assert.match(marker, /^<!-- dispatcher:report:[\w.!~*'()%-]+ -->$/)
      assert.isTrue(
        issueBody(repository("acme/app"), WorkflowFile.make(name.toWellFormed()), [], unknown).startsWith(marker)
      )
    }
    assert.strictEqual(issueMarker(workflow("CI.yml")), issueMarker(workflow("ci.yml")))
    assert.notStrictEqual(issueMarker(workflow("ci.yml")), issueMarker(workflow("ci.yaml")))
  })

  it("is marked as a comment by what it notifies of, and by how many there were before", () => {
    const wrong = run({ targets: [target("x")] })
    const first = advance([], [wrong], nothing)
    assert.isTrue(commentBody(wrong).startsWith(commentMarker(first.notified)))
    assert.match(commentMarker(first.notified), /^<!-- dispatcher:situation:1:\d+ -->$/)
    const markers = [
      first.notified,
      { ...first.notified, count: 2 },
      advance([], [run({ targets: [target("x", { code: "forbidden" })] })], nothing).notified
    ].map(commentMarker)
    assert.strictEqual(new Set(markers).size, 3)
  })

  it("comments on what a person has to look at only", () => {
    const targets = [
      target("yes"),
      { ...target("no", { needsAttention: false }), workflow: WorkflowFile.make("no.yml") }
    ]
    const rows = rowsOf(commentBody(run({ targets, omitted: 5, configProblems: ["broken"] })))
    assert.strictEqual(rows.length, 2)
    assert.include(rows[0], "broken")
    assert.include(rows[1], "yes")
  })
})

describe("A title", () => {
  it.each(hostile.filter((text) => text !== ""))("made of %j is one line", (text) => {
    const title = issueTitle(WorkflowFile.make(text.toWellFormed()))
    assert.isTrue(title.startsWith("Dispatches after ") && title.isWellFormed())
    assert.isAtMost(title.length, 256)
    assert.notMatch(title, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  })
})

describe("The largest body", () => {
  /** `@` needs the most characters of all. */
  const longest = "@".repeat(100_000)
  const longUrl = `https://x.example/${"(".repeat(1000)}`
  const large = run({
    branch: longest,
    sha: longest,
    url: longUrl,
    targets: Array.from({ length: 100 }, () => target(longest, { code: longest }))
  })

  it("fits into an issue and a comment, and says that something is left out", () => {
    const body = issueBody(
      repository(`acme/${"a".repeat(100)}`),
      WorkflowFile.make("\u3042".repeat(1024)),
      Array(20).fill(large),
      unknown
    )
    for (const text of [body, commentBody(large)]) {
      assert.isAtMost(text.length, githubLimit)
      assert.isTrue(text.endsWith("\n\nOlder results are not shown here."))
      assert.isAtLeast(rowsOf(text).length, 3)
    }
  })

  it("says so only if something is", () => {
    assert.notInclude(issueBody(repository("acme/app"), workflow("ci.yml"), [run()], unknown), "not shown")
  })

  it("has no row that is cut", () => {
    for (const row of rowsOf(commentBody(large)).slice(0, -2)) checkRow(row)
  })
})

describe("a result", () => {
  const cellOf = (overrides: Partial<ReportedTarget>): string => {
    const shown = target("", {
      status: "dispatched",
      code: null,
      message: null,
      url: "https://x.example/7",
      ...overrides
    })
    const [row] = rowsOf(issueBody(repository("acme/app"), workflow("ci.yml"), [run({ targets: [shown] })], unknown))
    checkRow(row ?? "")
    return row?.split("|")[3]?.trim() ?? ""
  }
  const ended = (conclusion: string | null, duration: number | null, attempt = 1) =>
    ({ _tag: "Completed", conclusion, duration, attempt }) as const

  it.each<[string, Partial<ReportedTarget>]>([
    ["✅ [started run](https://x.example/7)", { needsAttention: false }],
    ["✅ started", { needsAttention: false, url: null }],
    ["⏳ [not over yet](https://x.example/7)", { needsAttention: false, result: { _tag: "Running" } }],
    ["✅ [success](https://x.example/7) in 9 s", { needsAttention: false, result: ended("success", 8_600) }],
    ["❌ [timed&#95;out](https://x.example/7) in 6 h", { result: ended("timed_out", 21_600_000) }],
    ["❌ [failure](https://x.example/7) in 1 min 5 s (attempt 2)", { result: ended("failure", 65_000, 2) }],
    ["❌ [no conclusion](https://x.example/7)", { result: ended(null, null) }],
    ["❓ [started run](https://x.example/7): it was deleted", { result: { _tag: "Lost", message: "it was deleted" } }]
  ])("is shown as %s", (cell, overrides) => assert.strictEqual(cellOf(overrides), cell))

  it.each(hostile)("keeps %j in its cell", (text) => {
    cellOf({ result: ended(text, 1) })
    cellOf({ result: { _tag: "Lost", message: text } })
  })
})

describe("how things stand", () => {
  const linesOf = (...runs: ReadonlyArray<ReportedRun>) =>
    issueBody(repository("acme/app"), workflow("ci.yml"), runs, situationOf(runs, [])).split("\n")
  const well = target("x", { status: "dispatched", needsAttention: false })

  it("is said on top", () => {
    assert.strictEqual(linesOf(run({ targets: [target("x")] }))[1], "❌ Something needs attention.")
    assert.strictEqual(linesOf(run({ targets: [well] }))[1], "✅ All is well.")
    assert.match(linesOf(run({ targets: [{ ...well, result: { _tag: "Running" } }] }))[1] ?? "", /^What the dispatcher/)
  })

  it("is said by a comment when it becomes well", () => {
    const before = advance([], [run({ targets: [target("x")] })], nothing)
    const after = advance(
      before.runs,
      [run({ key: RunKey.make("1/3/1"), runId: GitHubId.make("3"), targets: [well] })],
      before.notified
    )
    assert.strictEqual(after.change, "recovery")
    const body = bodyOf("recovery", after.situation, after.notified, after.runs)
    assert.include(body, "All is well again")
    assert.deepStrictEqual([rowsOf(body).length, rowsOf(body)[0]?.startsWith("| [3]")], [1, true])
  })
})

describe("a comment about several runs", () => {
  const noisy = (id: number, text: string, targets: number) =>
    run({
      key: RunKey.make(`1/${id}/1`),
      runId: GitHubId.make(String(id)),
      targets: Array.from({ length: targets }, (_, index) => ({
        ...target(text),
        workflow: WorkflowFile.make(`t${index}.yml`)
      }))
    })

  it("names each with what is wrong in it", () => {
    const other = {
      ...target("a", { needsAttention: false, result: { _tag: "Running" } }),
      workflow: WorkflowFile.make("t0.yml")
    }
    const newest = noisy(2, "b", 2)
    const rows = rowsOf(commentBody({ ...newest, targets: [other, ...newest.targets.slice(1)] }, noisy(1, "a", 2)))
    assert.deepStrictEqual(
      rows.map((row) => [row.slice(0, 5), /t\d/.exec(row)?.[0]]),
      [
        ["| [2]", "t1"],
        ["| [1]", "t0"]
      ]
    )
  })

  it("fits into a comment", () => {
    assert.isBelow(commentBody(noisy(1, "x".repeat(290), 400)).length, 60_100)
  })
})
