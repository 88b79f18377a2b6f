import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { counted, durationText, listed, sentence, withoutFullStop } from "../../src/domain/Sentence.ts"

const gitHubs = "Could not resolve to a Repository with the name 'acme/deploy'."

describe("a sentence that ends with the words of others", () => {
  it.each([
    ["Bad credentials", "Bad credentials."],
    [gitHubs, gitHubs],
    [`acme/deploy cannot be read (${gitHubs})`, `acme/deploy cannot be read (${gitHubs.slice(0, -1)}).`],
    [`acme/deploy cannot be read (${gitHubs}).`, `acme/deploy cannot be read (${gitHubs.slice(0, -1)}).`],
    ["two.. ", "two."]
  ])("ends once: %s", (text, expected) => assert.strictEqual(sentence(text), expected))

  it.prop("ends with one full stop, and stays as it is when it is ended again", [Schema.String], ([text]) => {
    const once = sentence(text)
    assert.match(once, /\.$/)
    assert.notMatch(once, /\.\)?\.$/)
    assert.strictEqual(sentence(once), once)
  })

  it("can go on", () => {
    assert.strictEqual(withoutFullStop(gitHubs), gitHubs.slice(0, -1))
    assert.strictEqual(withoutFullStop("Not Found"), "Not Found")
  })
})

describe("wording", () => {
  it("lists names, of many only the first ten", () => {
    assert.strictEqual(listed([]), "none")
    assert.strictEqual(listed(new Set(["a"])), "a")
    assert.strictEqual(listed([..."abcdefghij"]), "a, b, c, d, e, f, g, h, i, j")
    assert.strictEqual(listed([..."abcdefghijkl"]), "a, b, c, d, e, f, g, h, i, j and 2 more")
  })

  it.prop("counts", [Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))], ([count]) =>
    assert.strictEqual(counted(count, "rule"), count === 1 ? "1 rule" : `${count} rules`)
  )
})

describe("a duration", () => {
  it.each([
    [0, "under 1 s"],
    [499, "under 1 s"],
    [500, "1 s"],
    [59_499, "59 s"],
    [59_500, "1 min"],
    [194_000, "3 min 14 s"],
    [3_599_499, "59 min 59 s"],
    [3_599_500, "1 h"],
    [3_840_000, "1 h 4 min"],
    [86_399_000, "1 d"],
    [176_400_000, "2 d 1 h"]
  ])("of %i ms is said to the second, a longer one to the minute or the hour", (millis, text) =>
    assert.strictEqual(durationText(millis), text)
  )
})
