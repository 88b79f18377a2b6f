/** Filling in templates: what was given is shown, and is never more than text. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { escapeHtml, fill } from "../../src/dashboard/Page.ts"

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" }
/** What a browser shows of it. */
const shown = (html: string): string => html.replace(/&([\w#]+);/g, (_, name: string) => entities[name] ?? "?")

const hostile = Schema.Array(
  Schema.Union([
    Schema.Literals(["<", ">", '"', "'", "&", "&amp;", "{{next}}", "{{message}}", "$&", "$1"]),
    Schema.String
  ])
)

describe("filling in", () => {
  it.prop("any text is shown as it is, and breaks out of nothing", [hostile, hostile], ([first, second]) => {
    const [message, next] = [first.join(""), second.join("")]
    assert.notMatch(escapeHtml(message), /[<>"']/)
    assert.strictEqual(shown(escapeHtml(message)), message)
    assert.strictEqual(
      fill('<p>{{message}}</p><a title="{{next}}">', { message, next }),
      `<p>${escapeHtml(message)}</p><a title="${escapeHtml(next)}">`
    )
  })

  it("leaves placeholders alone that nothing was given for", () => {
    assert.strictEqual(fill("{{a}} {{b}} {{toString}} {{ a }}", { a: "1" }), "1 {{b}} {{toString}} {{ a }}")
  })
})
