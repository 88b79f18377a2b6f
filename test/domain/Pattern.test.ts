import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { RepositoryName } from "../../src/domain/Names.ts"
import { matchesAny, matchesPattern, matchesRepository, parseAllowlist } from "../../src/domain/Pattern.ts"

describe("matchesPattern", () => {
  it.each([
    ["main", "main", true],
    ["main", "Main", false],
    ["main", "main2", false],
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["*", "main", true],
    ["*", "release/1", false],
    ["**", "release/1", true],
    ["release/*", "release/1", true],
    ["release/*", "release/", true],
    ["release/*", "release/1/2", false],
    ["release/**", "release/1/2", true],
    ["release/***", "release/1/2", true],
    ["release/**", "release", false],
    ["**/fix", "a/b/fix", true],
    ["*/fix", "a/b/fix", false],
    ["v*.*", "v1.2", true],
    ["v*.*", "v1", false],
    ["*a*b*", "xxaxxbxx", true],
    ["*a*b*", "xxbxxaxx", false],
    ["*.*", ".", true],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
    ["a+", "aa", false],
    ["v1?", "v1", false],
    ["!main", "feature", false],
    ["ü*", "über", true]
  ] as const)("%j on %j: %j", (pattern, text, expected) => {
    assert.strictEqual(matchesPattern(pattern, text), expected)
  })

  /** The definition itself, in exponential time. */
  const reference = (pattern: string, text: string): boolean => {
    const stars = /^\*+/.exec(pattern)?.[0]
    if (stars === undefined) {
      if (pattern === "" || text === "") return pattern === text
      return pattern[0] === text[0] && reference(pattern.slice(1), text.slice(1))
    }
    const rest = pattern.slice(stars.length)
    for (let length = 0; length <= text.length; length++) {
      if (stars.length === 1 && text.slice(0, length).includes("/")) return false
      if (reference(rest, text.slice(length))) return true
    }
    return false
  }

  const word = (letters: ReadonlyArray<string>) => Schema.Array(Schema.Literals(letters)).check(Schema.isMaxLength(9))

  it.prop(
    "agrees with the definition",
    { pattern: word(["a", "b", "/", "*"]), text: word(["a", "b", "/"]) },
    ({ pattern, text }) => {
      assert.strictEqual(matchesPattern(pattern.join(""), text.join("")), reference(pattern.join(""), text.join("")))
    },
    { arbitrary: { runs: 2_000 } }
  )

  it.prop(
    "agrees with the definition across words of 32 characters",
    { at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 99 })), tail: word(["a", "b", "/"]) },
    ({ at, tail }) => {
      const literal = "a".repeat(100)
      const end = tail.join("")
      const pattern = `${literal.slice(0, at)}*${literal.slice(at)}${end}`
      assert.isTrue(matchesPattern(pattern, literal + end))
      assert.isTrue(matchesPattern(pattern, `${literal.slice(0, at)}bb${literal.slice(at)}${end}`))
      assert.isFalse(matchesPattern(pattern, literal.slice(1) + end))
      assert.isFalse(matchesPattern(pattern, `${literal}${end}x`))
    }
  )

  it("keeps no more patterns compiled than there is room for, and answers all the same", () => {
    const patterns = Array.from({ length: 5_000 }, (_, index) => `${index}-${"x".repeat(50)}*`)
    for (const round of [1, 2]) {
      for (const pattern of patterns) assert.isTrue(matchesPattern(pattern, pattern.replace("*", String(round))))
    }
  })

  /** A text that counts how often one of its characters is read. */
  const counted = (text: string) => {
    let reads = 0
    const charAt = (at: number): string => {
      reads += 1
      return text.charAt(at)
    }
    return { text: { length: text.length, charAt } as unknown as string, reads: () => reads }
  }

  it("answers 100 patterns of 500 targets", () => {
    const patterns = Array.from({ length: 100 }, (_, index) => `${"*a".repeat(30)}${index}`)
    for (let target = 0; target < 500; target++) assert.isFalse(matchesAny(patterns, "a".repeat(40)))
  })

  it.each([
    [`${"*a".repeat(125)}*b`, "a".repeat(10_000)],
    [`${"**a*".repeat(60)}b`, "a/".repeat(5_000)],
    ["**", "x/".repeat(5_000)],
    [`${"**".repeat(500)}x`, "y".repeat(10_000)]
  ])("never backtracks: it reads each character once, at most", (pattern, text) => {
    const { text: read, reads } = counted(text)
    assert.strictEqual(matchesPattern(pattern, read), matchesPattern(pattern, text))
    assert.isAtMost(reads(), text.length)
  })
})

describe("matchesAny", () => {
  it("asks for one match", () => {
    assert.isTrue(matchesAny(["main", "release/*"], "release/1"))
    assert.isFalse(matchesAny(["main", "release/*"], "dev"))
    assert.isFalse(matchesAny([], ""))
  })
})

describe("matchesRepository", () => {
  it.each([
    ["Acme/Shop", "acme/shop", true],
    ["acme/*", "ACME/shop", true],
    ["acme/shop-*", "acme/Shop-web", true],
    ["acme/shop-*", "acme/shop", false],
    ["acme/*", "acme-evil/shop", false],
    ["*/shop", "other/shop", true],
    ["*/*", "other/shop", true],
    ["acme/s.op", "acme/shop", false],
    ["acme/\u212A8s", "acme/k8s", false]
  ] as const)("%s on %s: %s", (pattern, repository, expected) => {
    assert.strictEqual(matchesRepository(pattern, RepositoryName.make(repository)), expected)
  })
})

describe("parseAllowlist", () => {
  it.each([
    ["", []],
    ["  ", []],
    ["acme/shop", ["acme/shop"]],
    [" acme/* , */tools,\n*/*", ["acme/*", "*/tools", "*/*"]]
  ] as const)("reads %j", (text, expected) => {
    assert.deepStrictEqual(Result.getOrThrow(parseAllowlist(text)) as ReadonlyArray<string>, expected)
  })

  it("names each malformed entry", () => {
    const result = parseAllowlist("acme/shop,,acme,*,a/b/c,acme/sh op,https://github.com/acme/shop,acme/")
    const malformed = "is not a repository as owner/name with * for any characters"
    assert.deepStrictEqual(Result.isFailure(result) ? result.failure : [], [
      "entry 2 is empty",
      `entry 3, "acme", ${malformed}; for every repository of an owner write owner/*`,
      `entry 4, "*", ${malformed}; for every repository write */*`,
      `entry 5, "a/b/c", ${malformed}`,
      `entry 6, "acme/sh op", ${malformed}`,
      `entry 7, "https://github.com/acme/shop", ${malformed}`,
      `entry 8, "acme/", ${malformed}`
    ])
  })

  it("refuses a trailing comma, which may be a lost entry", () => {
    assert.isTrue(Result.isFailure(parseAllowlist("acme/shop,")))
  })
})
