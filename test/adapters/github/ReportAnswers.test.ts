/** The table of Reports.ts, row by row, over real HTTP: what GitHub answers where an issue cannot be written to, and what that is in our words. */
import { assert, describe, it, layer } from "@effect/vitest"
import { Clock, Effect } from "effect"
import * as SandboxModule from "../../../src/sandbox/Sandbox.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { adapter, arm, type Case, hurried, outcomeAt, type Place, patience, play, rowsOf, says } from "./Answering.ts"
import { scenario } from "./support.ts"

const source = "acme/source"
const issue = (change: (sandbox: Sandbox["Service"]) => Effect.Effect<unknown, unknown>) =>
  Effect.flatMap(Sandbox, change)

const given = (row: string, at: Place, what: string, how: Case["given"], means: string, message = ""): Case => ({
  row,
  at,
  what: `${what}, ${at}`,
  given: how,
  means,
  requests: 1,
  says: message
})

const transferred = issue(({ transferIssue }) => transferIssue(source, 1, "acme/target"))
const deleted = issue(({ deleteIssue }) => deleteIssue(source, 1))
const full = issue(({ fillIssue }) => fillIssue(source, 1))
const locked = issue(({ lockIssue }) => lockIssue(source, 1))
const disabled = issue(({ changeRepository }) => changeRepository(source, { issues: false }))
const archived = issue(({ changeRepository }) => changeRepository(source, { archived: true }))

const fullRow = '403 "Commenting is disabled on issues with more than 2500 comments"'
const lockedRow = '403 "Unable to create comment because issue is locked."'
const rightRow = '403 "Resource not accessible by integration"'
const cases: ReadonlyArray<Case> = [
  ...(["update", "comment"] as const).flatMap(
    (at): ReadonlyArray<Case> => [
      given("301 to an update or comment", at, "transferred", transferred, "NotFound", "renamed or moved"),
      given('404, 410 "This issue was deleted"', at, "deleted", deleted, "NotFound", "This issue was deleted"),
      given('404, 410 "This issue was deleted"', at, "never there", says(404, "Not Found"), "NotFound")
    ]
  ),
  given(fullRow, "comment", "full", full, "NotFound", "more than 2500 comments"),
  given(fullRow, "update", "full, which its text is not", full, "Success"),
  given(lockedRow, "comment", "locked", locked, "Forbidden", "locked"),
  given(lockedRow, "update", "locked, which its text is not", locked, "Success"),
  ...(["open", "update", "comment"] as const).flatMap(
    (at): ReadonlyArray<Case> => [
      given(
        '410 "Issues has been disabled in this repository."',
        at,
        "switched off",
        disabled,
        "Forbidden",
        "disabled"
      ),
      given('403 "Repository was archived so is read-only."', at, "archived", archived, "Forbidden", "read-only"),
      given("422", at, "a text that is refused", says(422, "Validation Failed"), "Unprocessable")
    ]
  ),
  given("422", "open with a long text", "too long", Effect.void, "Unprocessable", "too long"),
  given("404 to opening an issue", "open in acme/nowhere", "no such repository", Effect.void, "NotFound")
]

const table = rowsOf("Reports.ts")

it("every row of the table is tried", () => {
  assert.isAbove(table.length, 8)
  assert.deepStrictEqual([...new Set([...cases.map(({ row }) => row), rightRow])].toSorted(), table.toSorted())
})

/** An issue that can be written to. */
const opened = Effect.flatMap(Clock.Clock, (clock) => Effect.provide(outcomeAt("open"), adapter(hurried(clock))))

describe("an issue that cannot be written to", () => {
  for (const each of cases) {
    layer(SandboxModule.layer({ scenario }), { excludeTestServices: true })(each.row, (it) => {
      it.effect(`${each.what}: ${each.means}`, () => Effect.andThen(opened, play(each)))
    })
  }

  layer(SandboxModule.layer({ scenario }), { excludeTestServices: true })(rightRow, (it) => {
    for (const at of ["open", "update", "comment"] as const) {
      it.effect(`${at}: Forbidden, once it was so for a while`, () =>
        Effect.gen(function* () {
          yield* opened
          yield* arm(at, says(403, "Resource not accessible by integration"))
          const clock = hurried(yield* Clock.Clock)
          yield* Effect.gen(function* () {
            assert.match((yield* outcomeAt(at))[0], /^Unavailable \d+$/)
            clock.pass(patience)
            assert.strictEqual((yield* outcomeAt(at))[0], "Forbidden")
          }).pipe(Effect.provide(adapter(clock)))
        }).pipe(Effect.ensuring(Sandbox.use(({ clearFaults }) => clearFaults)))
      )
    }
  })
})
