/** The query for configs, and what each possible answer says. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  ConfigResponse,
  configAnswers,
  configQuery,
  configVariables
} from "../../../src/adapters/github/ConfigQuery.ts"
import { repository } from "./support.ts"

const blob = (text: string | null, rest: object = {}) => ({
  __typename: "Blob",
  text,
  isBinary: false,
  isTruncated: false,
  ...rest
})
const found = (root: object | null, folder: object | null = null) => ({
  defaultBranchRef: { name: "trunk" },
  root,
  folder
})

/** What the response says of one repository. */
const answerTo = (response: unknown) => {
  const [entry] = configAnswers([repository("acme/one")], Schema.decodeUnknownSync(ConfigResponse)(response))
  return entry?.[1]
}

const aLink =
  "found only a path, as a symbolic link has it; links are not followed, so put the rules into this file itself"

describe("the query", () => {
  it("asks for both places in each repository, with names as variables only", () => {
    const query = configQuery(2)
    assert.match(query, /query Configs\(\$owner: String!, \$n0: String!, \$n1: String!\)/)
    assert.match(query, /r1: repository\(owner: \$owner, name: \$n1, followRenames: false\)/)
    assert.include(query, '"HEAD:dispatching.yml"')
    assert.include(query, '"HEAD:.github/dispatching.yml"')
    assert.include(query, '"HEAD:dispatching.yaml"')
    assert.include(query, '"HEAD:.github/dispatching.yaml"')
    assert.deepStrictEqual(configVariables("acme", [repository("acme/one"), repository("Acme/Two")]), {
      owner: "acme",
      n0: "one",
      n1: "Two"
    })
  })
})

describe("the answer", () => {
  it.each([
    ["neither file", found(null), { _tag: "Absent" }],
    [
      "a file of the wrong ending at the root",
      { ...found(null), rootYaml: { __typename: "Blob" }, folderYaml: null },
      { _tag: "Absent", hint: "dispatching.yaml is there, but is not read: rename it to dispatching.yml" }
    ],
    [
      "a file of the wrong ending in .github",
      { ...found(null), rootYaml: { __typename: "Tree" }, folderYaml: { __typename: "Blob" } },
      {
        _tag: "Absent",
        hint: ".github/dispatching.yaml is there, but is not read: rename it to .github/dispatching.yml"
      }
    ],
    [
      "a file of the wrong ending beside the right one",
      { ...found(blob("")), rootYaml: { __typename: "Blob" }, folderYaml: null },
      { _tag: "Found", path: "dispatching.yml" }
    ],
    [
      "a symbolic link",
      found(blob("config/dispatching.yml")),
      { _tag: "Invalid", path: "dispatching.yml", issues: [{ line: 1, message: aLink }] }
    ],
    ["an empty repository", { defaultBranchRef: null, root: null, folder: null }, { _tag: "Absent" }],
    ["a folder of the name", found({ __typename: "Tree" }), { _tag: "Absent" }],
    ["a file at the root", found(blob("")), { _tag: "Found", path: "dispatching.yml", defaultBranch: "trunk" }],
    ["a file in .github", found(null, blob("")), { _tag: "Found", path: ".github/dispatching.yml" }],
    ["both: the root wins", found(blob(""), blob("x: [")), { _tag: "Found", path: "dispatching.yml" }],
    [
      "both, the root invalid: the root wins",
      found(blob("x: ["), blob("")),
      { _tag: "Invalid", path: "dispatching.yml" }
    ],
    [
      "a folder at the root, a file in .github",
      found({ __typename: "Tree" }, blob("")),
      { _tag: "Found", path: ".github/dispatching.yml" }
    ],
    [
      "a binary file",
      found(blob(null, { isBinary: true })),
      { _tag: "Invalid", issues: [{ line: 1, column: 1, path: "", message: "the file is not text" }] }
    ],
    ["a file over 64 KiB", found(blob("#".repeat(65_537))), { _tag: "Invalid", path: "dispatching.yml" }],
    ["a truncated file", found(blob("#", { isTruncated: true })), { _tag: "Invalid", path: "dispatching.yml" }]
  ])("says of a repository with %s", (_, repository, expected) => {
    assert.containSubset(answerTo({ data: { r0: repository } }), expected)
  })

  it.each([
    ["NOT_FOUND", "not_found", false],
    ["FORBIDDEN", "forbidden", false],
    ["SERVICE_UNAVAILABLE", "unavailable", true],
    [undefined, "unavailable", true]
  ] as const)("says of a repository with an error of type %s", (type, reason, transient) => {
    const error = { ...(type === undefined ? {} : { type }), message: "because", path: ["r0"] }
    assert.deepStrictEqual(answerTo({ data: { r0: null }, errors: [error] }), {
      _tag: "Unreachable",
      reason,
      message: "because",
      transient
    })
  })

  it("does not take a file that may not be read for one that is not there", () => {
    const errors = [{ type: "FORBIDDEN", message: "Resource not accessible by integration", path: ["r0", "root"] }]
    assert.containSubset(answerTo({ data: { r0: found(null) }, errors }), { _tag: "Unreachable", reason: "forbidden" })
  })

  it("stands for the others when one repository fails", () => {
    const response = Schema.decodeUnknownSync(ConfigResponse)({
      data: { r0: null, r1: found(blob("")) },
      errors: [{ type: "NOT_FOUND", message: "no", path: ["r0"] }]
    })
    const answers = configAnswers([repository("acme/one"), repository("acme/two")], response)
    assert.deepStrictEqual(
      answers.map(([name, { _tag }]) => [name, _tag]),
      [
        ["acme/one", "Unreachable"],
        ["acme/two", "Found"]
      ]
    )
  })

  it("is unavailable for a repository that is left out of it", () => {
    assert.containSubset(answerTo({ data: {} }), { _tag: "Unreachable", reason: "unavailable", transient: true })
    assert.containSubset(answerTo({ data: { r0: null }, errors: [{ message: "a timeout" }] }), { message: "a timeout" })
  })
})
