import { assert, describe, it } from "@effect/vitest"
import type { ReasonCode } from "../../src/domain/Denial.ts"
import { denialOf, examine, type Question } from "../../src/domain/Question.ts"

const asked = (answers: ReadonlyArray<readonly [ReasonCode, boolean]>) => {
  const heard: Array<ReasonCode> = []
  const questions = answers.map(
    ([name, passed]): Question =>
      () => {
        heard.push(name)
        return {
          check: { name, passed, expected: "yes", actual: passed ? "yes" : "no" },
          message: `because of ${name}`
        }
      }
  )
  return { ...examine(questions), heard }
}

describe("examine", () => {
  it("asks every question while the answers are yes", () => {
    const { checks, refusal, heard } = asked([
      ["source_fork", true],
      ["source_event", true]
    ])
    assert.deepStrictEqual(heard, ["source_fork", "source_event"])
    assert.deepStrictEqual(
      checks.map(({ name }) => name),
      heard
    )
    assert.isUndefined(refusal)
  })

  it("stops at the first no, which is the refusal", () => {
    const { checks, refusal, heard } = asked([
      ["source_fork", true],
      ["source_event", false],
      ["source_branch", false]
    ])
    assert.deepStrictEqual(heard, ["source_fork", "source_event"])
    assert.deepStrictEqual(checks.at(-1), { name: "source_event", passed: false, expected: "yes", actual: "no" })
    assert.deepStrictEqual(refusal && denialOf(refusal), { code: "source_event", message: "because of source_event" })
  })
})
