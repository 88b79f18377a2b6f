import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { parseConfig } from "../../src/domain/ConfigFile.ts"
import { propertyRuns } from "../fixtures/PropertyRuns.ts"
import { stepCounter } from "./StepCounter.ts"

const maxBytes = 64 * 1024

const issuesOf = (text: string) => {
  const result = parseConfig(text)
  return Result.isFailure(result) ? result.failure : []
}

const shown = (text: string): ReadonlyArray<string> =>
  issuesOf(text).map(({ column, line, message, path }) => `${line}:${column} ${path}: ${message}`)

/** The worst takes 90; what grows with the square of a file takes 700 and more. */
const maxStepsPerByte = 128
const stepsOf = stepCounter()

/** As much of a repeated text as there is room for. */
const fill = (bytes: number, unit: string, before = "", after = ""): string =>
  before + unit.repeat(Math.floor((bytes - before.length - after.length) / Buffer.byteLength(unit))) + after

/** As much of a repeated text as a config may have. */
const filled = (unit: string, before = "", after = "") => fill(maxBytes, unit, before, after)

describe("limits", () => {
  it("a file has at most 64 KiB, counted in bytes", () => {
    assert.deepStrictEqual(shown(filled("#")), [])
    assert.deepStrictEqual(shown(`${filled("#")}#`), ["1:1 : the file is larger than 64 KiB"])
    assert.deepStrictEqual(shown(`#${"é".repeat(maxBytes / 2)}`), ["1:1 : the file is larger than 64 KiB"])
  })

  it("of a huge file no more is read than a file may have", () => {
    const most = { end: 0 }
    // A text that counts: any other way of reading it fails.
    const huge = {
      length: 14_000_000,
      startsWith: () => false,
      slice: (from: number, to: number) => {
        most.end = Math.max(most.end, to)
        return "a:\n".repeat(to).slice(from, to)
      }
    } as unknown as string
    assert.deepStrictEqual(shown(huge), ["1:1 : the file is larger than 64 KiB"])
    assert.isAtMost(most.end, maxBytes)
  })

  it.each([
    ["a: \u0000", "1:4 : found the character U+0000, expected plain text"],
    ["\u007fELF\u0002", "1:1 : found the character U+007F, expected plain text"],
    ["# ok\n# \u001b[31m", "2:3 : found the character U+001B, expected plain text"],
    ["a: \u0085\u009f", "1:5 : found the character U+009F, expected plain text"],
    ["a: \ud83d", "1:4 : found the character U+D83D, expected plain text"],
    ["outbound: \u001f", "1:11 : found the character U+001F, expected plain text"]
  ])("%j is no text", (text, expected) => {
    assert.deepStrictEqual(shown(text), [expected])
  })

  it("all other characters are text, in their columns", () => {
    assert.deepStrictEqual(shown("# 😀 \u0085 \u2028 \uFEFF \uFFFD"), [])
    assert.deepStrictEqual(
      shown("inbound: ['😀', x]").map((issue) => issue.split(" ")[0]),
      ["1:11", "1:17"]
    )
  })

  it.each([
    ["--- {}\n--- {}", "2:1 : a second document starts here, expected only one"],
    ["{}\n...\n---\n{}", "3:1 : a second document starts here, expected only one"],
    ["---\n---\n---\n", "2:1 : a second document starts here, expected only one"],
    ["%YAML 1.1\n---\n{}", '1:1 : found the directive "%YAML 1.1", expected none'],
    ["# first\n%TAG ! tag:x,2000:\n---\n{}", '2:1 : found the directive "%TAG ! tag:x,2000:", expected none']
  ])("%j is not one document", (text, expected) => {
    assert.deepStrictEqual(shown(text), [expected])
  })

  it("lists and mappings nest 32 deep, in every style", () => {
    const deepest = "nested deeper than 32 levels"
    const message = (text: string) => issuesOf(text)[0]?.message
    assert.notStrictEqual(message(`${"[".repeat(32)}${"]".repeat(32)}`), deepest)
    assert.deepStrictEqual(shown(`${"[".repeat(33)}${"]".repeat(33)}`), [`1:33 : ${deepest}`])
    assert.strictEqual(message(`${"{a: ".repeat(33)}${"}".repeat(33)}`), deepest)
    assert.strictEqual(message(Array.from({ length: 40 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("")), deepest)
    assert.strictEqual(message("- ".repeat(33)), deepest)
    assert.strictEqual(message("? ".repeat(40)), deepest)
  })

  it("a file has at most 32,000 tokens", () => {
    assert.deepStrictEqual(shown(filled("\n")), ["32001:1 : more than 32000 YAML tokens"])
  })
})

describe("aliases", () => {
  const billion = (levels: number, width: number) =>
    `a0: &a0 [${Array(width).fill("lol").join(", ")}]\n` +
    Array.from({ length: levels }, (_, level) => {
      const aliases = Array(width).fill(`*a${level}`).join(", ")
      return `a${level + 1}: &a${level + 1} [${aliases}]\n`
    }).join("")

  it.each([
    ["a billion laughs", billion(9, 9), 1],
    ["more than numbers can count", billion(400, 9), 1],
    ["one long text over and over", `a: &a ${"x".repeat(10_000)}\nb: [${Array(26).fill("*a").join(", ")}]\n`, 1],
    ["laughs, but not too many", billion(3, 9), 0],
    ["a thousand aliases", `a: &a x\nb: [${Array(1_000).fill("*a").join(", ")}]\n`, 0],
    ["the last of many anchors of one name", `${"- &a x\n".repeat(3_000)}- *a\n`, 0]
  ])("that explode are refused once: %s", async (_, text, refusals) => {
    const refusal = "with its aliases written out, the file is larger than 256 KiB"
    assert.strictEqual(issuesOf(text).filter(({ message }) => message === refusal).length, refusals)
    assert.isBelow(await stepsOf(text), maxStepsPerByte * maxBytes)
  })

  it("that explode are refused where they do", () => {
    const [issue] = issuesOf(billion(9, 9)).filter(({ message }) => message.startsWith("with its aliases"))
    assert.deepStrictEqual([issue?.path, issue?.line, issue?.column], ["a4[2]", 5, 20])
  })

  it.each([
    ["itself", "inbound: &a [*a]"],
    ["what stands around it", "inbound: &a [{ source: &b [*a, *b] }]"],
    ["a key", "? &a [x]\n: *a"]
  ])("of %s never end in a loop", (_, text) => {
    assert.isNotEmpty(issuesOf(text))
  })
})

describe("hostile text", () => {
  const checkSteps = async (text: string) => {
    const steps = await stepsOf(text)
    assert.isAbove(steps, 0)
    assert.isBelow(steps, maxStepsPerByte * Buffer.byteLength(text) + 100_000)
  }
  /** Texts that are as large as a file may be, or a share of that. */
  const textsOf = (share: number): Readonly<Record<string, string>> => {
    const bytes = maxBytes * share
    const filled = (unit: string, before = "", after = "") => fill(bytes, unit, before, after)
    const many = (count: number, line: (index: number) => string) =>
      Array.from({ length: count * share }, (_, index) => line(index))
        .join("")
        .slice(0, bytes)
    return {
      "keys in one mapping": many(8_000, (index) => `k${index}:\n`),
      "one key again and again": filled("a:\n"),
      "keys in one flow mapping": filled("a: 1,", "{", "}"),
      "keys without names": filled(":\n"),
      "input names": `outbound: [{ source: { workflow: a.yml }, targets: [{ repository: r, workflow: w.yml, inputs: {${many(5_000, (i) => `a${i}: b, `)}}}]}]`,
      "flow sequence items": filled("a,", "[", "]"),
      "wrong list items": filled("1,", "inbound: [", "]"),
      "wrong branches": filled("1,", "inbound: [{ source: { repository: r, workflow: w.yml, branches: [", "]}}]"),
      "empty list items": filled("-\n"),
      dashes: filled("- "),
      brackets: filled("["),
      "closing brackets": filled("]"),
      braces: filled("{a: "),
      "brackets as keys": filled("[]: "),
      commas: filled(",", "["),
      colons: filled(": "),
      "colons in a list": filled(": ", "["),
      "question marks": filled("? "),
      anchors: many(5_000, (index) => `- &a${index} x\n`),
      "anchors on nothing": filled("&a "),
      "anchors on one value": filled("&a\n", "a:\n"),
      aliases: filled("*a,", "- &a x\n- [", "]"),
      "aliases of many anchors": many(3_000, (index) => `- &a${index} x\n- *a${index}\n`),
      "unknown aliases": filled("*a,", "[", "]"),
      "aliases after a key": filled("*a\n", "repository: r\n"),
      tags: filled("! "),
      "custom tags": filled("- !x y\n"),
      documents: filled("---\n"),
      "document ends": filled("...\n"),
      directives: filled("%A\n"),
      comments: filled(" #\n"),
      "comments in a list": filled(" #\n", "["),
      "blank lines before comments": `- a: b\n${"\n".repeat(24_000 * share)}${"    #\n".repeat(2_600 * share)}`,
      spaces: filled(" ", "a:", "b"),
      tabs: filled("\t- a\n"),
      "bad indentation": filled("  a: 1\n b: 1\n"),
      stairs: many(350, (index) => `${" ".repeat(index)}a:\n`),
      "reserved characters": filled("- @\n"),
      "literal blocks": filled("- |\n x\n"),
      "one long block": filled("  x\n", "a: |\n"),
      "a folded block": filled(" x\n  y\n", ">\n"),
      "an open quote": filled("x\n ", 'a: "'),
      "quotes in a row": filled('"a"'),
      "a quote of escapes": filled("\\x", '"', '"'),
      "a quote of line ends": filled(" \n", '"', '"'),
      "a plain text of many lines": filled("x\n"),
      "a long number": filled("1"),
      "something like a number": filled("1", "0x", "g")
    }
  }

  const checkAnswer = (text: string, fewestIssues: number) => {
    const issues = issuesOf(text)
    assert.isTrue(issues.length >= fewestIssues && issues.length <= 101, JSON.stringify(issues))
    for (const { column, line, message } of issues) {
      assert.isTrue(line >= 1 && column >= 1 && message !== "" && message.length < 700, message)
    }
  }

  it.each(Object.entries(textsOf(1)))("is answered: %s", (_, text) => {
    assert.isAtMost(Buffer.byteLength(text), maxBytes)
    checkAnswer(text, 1)
  })

  it.each(Object.entries(textsOf(1 / 4)))("takes steps in proportion to its size: %s", async (_, text) => {
    await checkSteps(text)
  })

  it.prop("any text is answered", { text: Schema.String }, ({ text }) => checkAnswer(text, 0))

  const fragment = Schema.Literals([
    "a: ",
    "b:\n",
    "- ",
    "\n",
    "\n  ",
    "\n    - ",
    " ",
    "\t",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "? ",
    "&a ",
    "*a",
    "!x ",
    "!!str ",
    "|\n",
    ">2-\n",
    '"',
    "'",
    "\\",
    " #c\n",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "<<: ",
    "x",
    "1",
    "~",
    "@",
    "\r\n",
    "\uFEFF",
    "é",
    "outbound:\n",
    "inbound: ",
    "source:",
    "targets: ",
    "workflow: ci.yml\n",
    "repository: r\n",
    "inputs: "
  ])

  const heap = Schema.Array(fragment).check(Schema.isMaxLength(40))

  it.prop(
    "any heap of YAML is answered, once and twice",
    { heap, times: Schema.Literals([1, 2]) },
    ({ heap, times }) => checkAnswer(heap.join("").repeat(times), 0),
    { arbitrary: { runs: propertyRuns(100) } }
  )

  it.prop(
    "any heap of YAML is answered a thousand times over, as far as a file may go",
    { heap },
    ({ heap }) => checkAnswer(heap.join("").repeat(1_000).slice(0, maxBytes), 0),
    { arbitrary: { runs: propertyRuns(15) } }
  )

  it.effect.prop(
    "any heap of YAML, a thousand times over, takes steps in proportion to its size",
    { heap },
    ({ heap }) =>
      Effect.promise(() =>
        checkSteps(
          heap
            .join("")
            .repeat(1_000)
            .slice(0, maxBytes / 4)
        )
      ),
    { arbitrary: { runs: propertyRuns(10) } }
  )
})
