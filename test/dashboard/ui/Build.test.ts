/** The built page: light, complete, and nothing in it that its Content-Security-Policy would stop. */
import { mkdtemp, readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { buildUi } from "../../../scripts/build-ui.ts"

describe("the built page", () => {
  let folder = ""
  let files: Awaited<ReturnType<typeof buildUi>> = []
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dispatcher-ui-"))
    files = await buildUi(folder)
  })
  const read = (name: string) => readFile(join(folder, name), "utf8")

  it("is four files of less than 100 KB in all, compressed", () => {
    assert.sameMembers(
      files.map(({ name }) => name),
      ["app.js", "app.css", "index.html", "sign-in.html"]
    )
    assert.isBelow(
      files.reduce((sum, { compressed }) => sum + compressed, 0),
      100_000
    )
  })

  it("is what the repository holds, which runs without a build tool; after a change: npm run build:page", async () => {
    for (const { name } of files) {
      assert.isTrue((await read(name)) === (await readFile(join("page", name), "utf8")), `page/${name} is out of date`)
    }
  })

  it("has no inline script or style, no handler attributes, and loads from its own origin only", async () => {
    for (const name of ["index.html", "sign-in.html"]) {
      const html = await read(name)
      assert.notMatch(html, /<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=/i)
      for (const [, address = ""] of html.matchAll(/\s(?:src|href|action)="([^"]*)"/g))
        assert.match(address, /^(\/admin|data:image)/)
    }
  })

  it("never writes HTML, evaluates text, or asks another origin", async () => {
    const script = await read("app.js")
    assert.notMatch(script, /dangerouslySetInnerHTML:\s*\{|\beval\(|new Function\(|document\.write|insertAdjacentHTML/)
    assert.notMatch(await read("app.css"), /@import|url\((?!data:)/)
  })

  it("does not bundle effect", async () => {
    assert.notMatch(await read("app.js"), /~effect|effect\/Schema/)
  })
})
