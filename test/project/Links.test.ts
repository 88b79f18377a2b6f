/** Whatever the documents link to or name is there: files, headings, paths of the source. */
import { existsSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { factTypes } from "../../src/domain/FactTable.ts"
import { Timing } from "../../src/flow/Settings.ts"
import { defaultOptions } from "../../src/queue/QueueStore.ts"
import { read, root } from "../infrastructure/Files.ts"
import { anchorOf, codesIn, documents, headingsOf, linksOf, rowsOf, sectionOf, unwrapped } from "./Markdown.ts"

const isOutside = (link: string) => /^(https?|mailto):/.test(link)

/** The anchors of a document; of headings that are called alike, the later ones are numbered. */
const anchorsOf = (path: string): ReadonlySet<string> => {
  const seen = new Map<string, number>()
  return new Set(
    headingsOf(read(path)).map((heading) => {
      const anchor = anchorOf(heading)
      const count = seen.get(anchor) ?? 0
      seen.set(anchor, count + 1)
      return count === 0 ? anchor : `${anchor}-${count}`
    })
  )
}

describe.each(documents)("%s", (path) => {
  const text = read(path)

  it("links to files and headings that there are", () => {
    const broken = linksOf(text).filter((link) => {
      if (isOutside(link)) return false
      const [file = "", anchor] = link.split("#")
      const target = file === "" ? path : normalize(join(dirname(path), file))
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !anchorsOf(target).has(anchor)
    })
    assert.deepStrictEqual(broken, [])
  })

  it("names files that there are", () => {
    const named = codesIn(text).filter((code) =>
      /^(src|test|bench|scripts|docs|infrastructure|\.github)\/[\w./-]+$/.test(code)
    )
    // What the reader has yet to make, or is another repository's.
    const theirs = /tfvars|tfstate|^\.github\/(dispatching\.yml|workflows\/$)/
    assert.deepStrictEqual(
      named.filter((name) => !existsSync(join(root, name)) && !theirs.test(name)),
      []
    )
  })
})

describe("docs/architecture.md", () => {
  const text = read("docs/architecture.md")

  it("has the ledger's keys as the code does", () => {
    const documented = rowsOf(sectionOf(text, "## The ledger")).map(([partition = "", sort = "", holds = ""]) =>
      [partition, sort, holds].join(" | ")
    )
    let partition = ""
    const comment = [...read("src/ledger/Keys.ts").matchAll(/^ \* \| (.*) \|$/gm)]
      .map(([, row = ""]) => row.split("|").map((cell) => cell.trim()))
      .slice(2)
      .map(([first = "", ...rest]) => {
        partition = first === "" ? partition : first
        return [partition, ...rest].join(" | ")
      })
    assert.isNotEmpty(comment)
    assert.deepStrictEqual(documented, comment)
  })

  it("names every fact and no other", () => {
    const facts = rowsOf(sectionOf(text, "## Facts and figures")).flatMap(([cell = ""]) => codesIn(cell))
    const named = facts.filter((code) => code.startsWith("dispatch."))
    assert.deepStrictEqual(named.toSorted(), factTypes.toSorted())
  })

  it("names the ports' methods as they are", () => {
    for (const [port = "", methods = ""] of rowsOf(sectionOf(text, "## Ports and their layers"))) {
      const [, file = ""] = /\(\.\.\/(.*)\)/.exec(port) ?? []
      const declared = [...read(file).matchAll(/readonly (\w+): (?:<\w+>)?\(|readonly (depth): /g)].flatMap(
        ([, name, depth]) => name ?? depth ?? []
      )
      assert.isNotEmpty(codesIn(methods))
      for (const name of codesIn(methods)) assert.include(declared, name, port)
    }
  })

  it("is right about times", () =>
    Effect.runSync(
      Effect.gen(function* () {
        const { lease, leaseMargin, sendWithin, startTimeout, visibleAfter } = yield* Timing
        const seconds = Duration.toSeconds
        const words = unwrapped(text)
        assert.include(words, `The lease is ${seconds(lease)} seconds`)
        assert.include(words, `at most ${seconds(sendWithin)} seconds of the lease`)
        assert.include(words, `given up after ${seconds(startTimeout)} seconds`)
        assert.include(words, `a lease for over ${seconds(leaseMargin)} seconds after its end`)
        assert.include(words, `${seconds(visibleAfter)} seconds after the last one was given up`)
        assert.include(words, `for ${Duration.toDays(defaultOptions.maxAge)} days`)
      })
    ))
})
