/**
 * The issue forms are what GitHub takes; one mistake, and it silently shows none of the form.
 * https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
 */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { parse } from "yaml"
import { files, read } from "../infrastructure/Files.ts"

const Text = Schema.NonEmptyString
const Id = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]+$/))
const validations = Schema.optionalKey(Schema.Struct({ required: Schema.Boolean }))
const described = { label: Text, description: Schema.optionalKey(Text) }
const asked = { placeholder: Schema.optionalKey(Text), value: Schema.optionalKey(Text) }

const Element = Schema.Union([
  Schema.Struct({ type: Schema.Literal("markdown"), attributes: Schema.Struct({ value: Text }) }),
  Schema.Struct({
    type: Schema.Literal("textarea"),
    id: Id,
    attributes: Schema.Struct({ ...described, ...asked, render: Schema.optionalKey(Text) }),
    validations
  }),
  Schema.Struct({
    type: Schema.Literal("input"),
    id: Id,
    attributes: Schema.Struct({ ...described, ...asked }),
    validations
  }),
  Schema.Struct({
    type: Schema.Literal("dropdown"),
    id: Id,
    attributes: Schema.Struct({ ...described, options: Schema.NonEmptyArray(Text) }),
    validations
  }),
  Schema.Struct({
    type: Schema.Literal("checkboxes"),
    id: Id,
    attributes: Schema.Struct({ ...described, options: Schema.NonEmptyArray(Schema.Struct({ label: Text })) }),
    validations
  })
])
const Form = Schema.Struct({
  name: Text,
  description: Text,
  title: Schema.optionalKey(Text),
  labels: Schema.optionalKey(Schema.Array(Text)),
  body: Schema.NonEmptyArray(Element)
})
const Chooser = Schema.Struct({
  blank_issues_enabled: Schema.Boolean,
  contact_links: Schema.optionalKey(Schema.Array(Schema.Struct({ name: Text, url: Text, about: Text })))
})

const decode = <A>(schema: Schema.Codec<A, unknown>, path: string): A =>
  Result.match(Schema.decodeUnknownResult(schema, { onExcessProperty: "error" })(parse(read(path))), {
    onSuccess: (value) => value,
    onFailure: ({ message }) => assert.fail(`${path}: ${message}`)
  })

const folder = ".github/ISSUE_TEMPLATE/"
const forms = files.filter((path) => path.startsWith(folder) && !path.endsWith("/config.yml"))

describe.each(forms)("%s", (path) => {
  it("is a form, with elements of different names", () => {
    const { body } = decode(Form, path)
    const elements = body.flatMap((element) => (element.type === "markdown" ? [] : [element]))
    assert.isNotEmpty(elements)
    const ids = elements.map(({ id }) => id)
    const labels = elements.map(({ attributes: { label } }) => label)
    for (const names of [ids, labels]) assert.strictEqual(new Set(names).size, names.length)
    for (const element of elements) {
      if (element.type !== "dropdown") continue
      const { options } = element.attributes
      assert.strictEqual(new Set(options).size, options.length)
      // GitHub keeps "None" for itself.
      assert.notInclude(options, "None")
    }
  })
})

it("the forms have different names, and there are forms only", () => {
  assert.isAtLeast(forms.length, 2)
  const names = forms.map((path) => decode(Form, path).name)
  assert.strictEqual(new Set(names).size, names.length)
  assert.isFalse(decode(Chooser, `${folder}config.yml`).blank_issues_enabled)
})
