import { symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { validateFiles } from "../../../src/entry/cli/Validate.ts"
import { render } from "../../../src/entry/cli/ValidateFormats.ts"
import { dispatcher, folder, outcomeOf } from "./support.ts"

const good = "outbound:\n  - source: {workflow: ci.yml}\n    targets: [{repository: deploy, workflow: cd.yml}]\n"
const bad = "outbound:\n  - source: {workflow: ci.yml, brnaches: [main]}\n    targets:\n      - repository: deploy\n"

describe("validate", () => {
  it.effect("names file, line, column, and the nearest key", () =>
    Effect.gen(function* () {
      const file = join(yield* folder({ "dispatching.yml": bad }), "dispatching.yml")
      const { code, lines } = yield* outcomeOf(validateFiles([file], "text"))
      assert.strictEqual(code, 1)
      assert.include(lines[0], `${file}:2:32: unknown key "brnaches", did you mean "branches"?`)
      assert.include(lines[1], `${file}:4:9: `)
      assert.include(lines[2], "2 problems in 1 file")
    })
  )

  it.effect("names a file of the wrong ending, and a link in the place of the file", () =>
    Effect.gen(function* () {
      const path = yield* folder({ "wrong/.github/dispatching.yaml": good, "link/rules.yml": good })
      symlinkSync("rules.yml", join(path, "link/dispatching.yml"))
      const wrong = yield* Effect.flip(validateFiles([join(path, "wrong")], "text"))
      assert.include(
        wrong.message,
        "(.github/dispatching.yaml is there, but is not read: rename it to .github/dispatching.yml)"
      )
      for (const named of ["link", "link/dispatching.yml"]) {
        const { code, text } = yield* outcomeOf(validateFiles([join(path, named)], "text"))
        assert.strictEqual(code, 1)
        assert.include(text, "dispatching.yml:1:1: found only a path, as a symbolic link has it")
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("a file that is named itself is checked, and its wrong ending or a link is a warning", () =>
    Effect.gen(function* () {
      const path = yield* folder({ "dispatching.yaml": good, ".github/dispatching.yaml": bad, "rules.yml": good })
      symlinkSync("rules.yml", join(path, "link.yml"))
      const wrong = yield* outcomeOf(validateFiles([join(path, "dispatching.yaml")], "text"))
      assert.strictEqual(wrong.code, 0)
      assert.include(wrong.text, "dispatching.yaml is there, but is not read: rename it to dispatching.yml")
      const both = yield* outcomeOf(validateFiles([join(path, ".github/dispatching.yaml")], "text"))
      assert.strictEqual(both.code, 1)
      assert.include(both.text, "rename it to .github/dispatching.yml")
      const link = yield* outcomeOf(validateFiles([join(path, "link.yml")], "github"))
      assert.match(link.text, /^::warning file=.*link\.yml,line=1.*a symbolic link, of which GitHub has only the path/)
    })
  )

  it.effect("advises an id for a source that is named by owner, and for no other", () =>
    Effect.gen(function* () {
      const rule = (source: string) =>
        `  - source: {repository: ${source}, workflow: ci.yml}\n    targets: [{workflow: cd.yml}]\n`
      const content = `inbound:\n${rule("partner/app")}${rule("app")}${rule('"acme/*"')}${rule("partner/app, id: 7")}`
      const file = join(yield* folder({ "a.yml": content }), "a.yml")
      const { code, lines } = yield* outcomeOf(validateFiles([file], "text"))
      assert.strictEqual(code, 0)
      assert.lengthOf(lines, 2)
      assert.include(lines[0], `${file}:2: partner/app is named by owner`)
      const annotated = yield* outcomeOf(validateFiles([file], "github"))
      assert.match(annotated.text, /^::warning file=.*,line=2,col=1,.*partner\/app/)
    })
  )

  it.effect("says what is in a valid file", () =>
    Effect.gen(function* () {
      const file = join(yield* folder({ "a.yml": good }), "a.yml")
      const { code, text } = yield* outcomeOf(validateFiles([file], "text"))
      assert.strictEqual(code, 0)
      assert.include(text, `${file}: 1 outbound rule, 0 inbound rules`)
    })
  )

  it.effect("prints JSON that tools can read", () =>
    Effect.gen(function* () {
      const path = yield* folder({ "a.yml": good, "b.yml": bad })
      const { code, text } = yield* outcomeOf(validateFiles([join(path, "a.yml"), join(path, "b.yml")], "json"))
      assert.strictEqual(code, 1)
      const report = JSON.parse(text)
      assert.isFalse(report.valid)
      assert.deepStrictEqual(
        report.files.map(({ valid }: { valid: boolean }) => valid),
        [true, false]
      )
      assert.include(report.files[1].issues[0], { line: 2, column: 32, path: "outbound[0].source.brnaches" })
    })
  )

  it.effect("a file that cannot be read is a problem in every format, and holds up no other", () =>
    Effect.gen(function* () {
      const file = join(yield* folder({ "a.yml": good }), "a.yml")
      const missing = "/nowhere/dispatching.yml"
      const { code, lines } = yield* outcomeOf(validateFiles([missing, file], "text"))
      assert.strictEqual(code, 1)
      assert.deepStrictEqual(lines, [
        `${missing}:1:1: cannot be read: there is no such file`,
        `✔ ${file}: 1 outbound rule, 0 inbound rules`,
        "✘ 1 problem in 1 file"
      ])
      const { text } = yield* outcomeOf(validateFiles([missing], "json"))
      assert.isFalse(JSON.parse(text).valid)
    })
  )

  it.effect("a folder stands for the file that the service reads there, and the other one is worth a warning", () =>
    Effect.gen(function* () {
      const path = yield* folder({ "dispatching.yml": good, ".github/dispatching.yml": bad })
      const root = join(path, "dispatching.yml")
      const other = join(path, ".github/dispatching.yml")
      const asText = yield* outcomeOf(validateFiles([path], "text"))
      assert.strictEqual(asText.code, 0)
      assert.deepStrictEqual(asText.lines, [
        `✔ ${root}: 1 outbound rule, 0 inbound rules`,
        `! ${other}: this file is not read, because ${root} is there too`
      ])
      const asAnnotations = yield* outcomeOf(validateFiles([path], "github"))
      assert.match(asAnnotations.text, /^::warning file=[^,]*\.github\/dispatching\.yml,line=1,/)
      const asJson = yield* outcomeOf(validateFiles([path], "json"))
      assert.isTrue(JSON.parse(asJson.text).valid)
    })
  )

  it.effect("counts columns as editors do: behind a byte order mark, in CRLF, and after an emoji", () =>
    Effect.gen(function* () {
      const path = yield* folder({
        "bom.yml": "\ufeffoutbuond: []\r\n",
        "crlf.yml": "outbound:\r\n  - source: {workflow: ci.yml, no: 1}\r\n    targets: []\r\n",
        "emoji.yml": 'outbound:\n  - source: {workflow: "😀.yml", no: 1}\n    targets: []\n'
      })
      const places = yield* Effect.forEach(["bom", "crlf", "emoji"], (name) =>
        Effect.map(outcomeOf(validateFiles([join(path, `${name}.yml`)], "text")), ({ lines }) =>
          /yml:(\d+:\d+): unknown key/.exec(lines[0] ?? "")?.at(1)
        )
      )
      assert.deepStrictEqual(places, ["1:1", "2:32", "2:34"])
    })
  )

  it.effect("says where a file is no text, and where its end is out of reach", () =>
    Effect.gen(function* () {
      const path = yield* folder()
      writeFileSync(join(path, "latin1.yml"), Buffer.from("# ok\n# caf\xe9\n", "latin1"))
      const latin1 = yield* outcomeOf(validateFiles([join(path, "latin1.yml")], "text"))
      assert.include(latin1.lines[0], "latin1.yml:2:6: found a byte that is not UTF-8")
      const endless = yield* outcomeOf(validateFiles(["/dev/zero"], "text"))
      assert.include(endless.lines[0], "the file is larger than 64 KiB")
    })
  )

  it("lets nothing break out of an annotation", () => {
    const issue = { line: 1, column: 2, path: "", message: "50% of\r\n::error::forged" }
    const { lines } = render("github", [
      { file: "a,b:c%.yml", issues: [issue], rules: undefined, advice: [], ignored: undefined }
    ])
    assert.deepStrictEqual(lines, [
      "::error file=a%2Cb%3Ac%25.yml,line=1,col=2,title=dispatching.yml::50%25 of%0D%0A::error::forged"
    ])
  })
})

describe("dispatcher validate", () => {
  it.live("finds the file of the folder it is started in", () =>
    Effect.gen(function* () {
      const cwd = yield* folder({ ".github/dispatching.yml": bad })
      const { code, stdout } = yield* dispatcher(["validate", "--format", "github"], { cwd })
      assert.strictEqual(code, 1)
      assert.include(stdout, "::error file=.github/dispatching.yml,line=2,col=32,")
    })
  )

  it.live("takes a folder that is named", () =>
    Effect.gen(function* () {
      const cwd = yield* folder({ "one/dispatching.yml": good, "none/a": "" })
      const one = yield* dispatcher(["validate", "one"], { cwd })
      assert.deepStrictEqual([one.code, one.stderr], [0, ""])
      const none = yield* dispatcher(["validate", "none"], { cwd })
      assert.strictEqual(none.code, 2)
      assert.include(none.stderr, "There is no dispatching.yml or .github/dispatching.yml in none.")
    })
  )

  it.live("reads standard input, without colours where there is no terminal", () =>
    Effect.gen(function* () {
      const cwd = yield* folder()
      const { code, stdout, stderr } = yield* dispatcher(["validate", "-"], { cwd, stdin: good })
      assert.deepStrictEqual(
        { code, stdout, stderr },
        { code: 0, stdout: "✔ <stdin>: 1 outbound rule, 0 inbound rules\n", stderr: "" }
      )
    })
  )

  it.live("exits with 2 where it is called wrongly", () =>
    Effect.gen(function* () {
      const cwd = yield* folder()
      const results = yield* Effect.forEach(
        [["validate"], ["validate", "--format", "xml"], ["valdiate"]],
        (args) => dispatcher(args, { cwd }),
        { concurrency: 2 }
      )
      assert.deepStrictEqual(
        results.map(({ code }) => code),
        [2, 2, 2]
      )
      assert.deepStrictEqual(
        results.map(({ stdout }) => stdout),
        ["", "", ""]
      )
      assert.include(results[0]?.stderr, "There is no dispatching.yml")
      assert.include(results[1]?.stderr, "Usage: dispatcher validate [flags] [<file...>]")
      assert.include(results[2]?.stderr, 'Unknown subcommand "valdiate"')
    })
  )
})
