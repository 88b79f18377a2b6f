/**
 * Issues and comments, as the service's reports need them.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import { installationClient, refusal, scenario } from "./support.ts"

const source = { owner: "acme", repo: "source" }

const create = (title: string, labels: Array<string> = []) =>
  Effect.flatMap(installationClient(101), (client) =>
    Effect.promise(async () => (await client.rest.issues.create({ ...source, title, body: "text", labels })).data)
  )

layer(Sandbox.layer({ scenario }), { excludeTestServices: true })("issues", (it) => {
  it.effect("are created by the App's bot, changed, closed and opened again", () =>
    Effect.gen(function* () {
      const { rest } = yield* installationClient(101)
      const created = yield* create("Report", ["dispatcher"])
      assert.deepInclude(created, { title: "Report", body: "text", state: "open", comments: 0 })
      assert.deepInclude(created.user, { login: "dispatcher-app[bot]", type: "Bot" })
      const issue = { ...source, issue_number: created.number }
      const update = (change: object) =>
        Effect.promise(async () => (await rest.issues.update({ ...issue, ...change })).data)
      assert.deepInclude(yield* update({ title: "New", body: "new" }), { title: "New", body: "new", state: "open" })
      const closed = yield* update({ state: "closed", state_reason: "not_planned" })
      assert.deepInclude(closed, { state: "closed", state_reason: "not_planned" })
      assert.isNotNull(closed.closed_at)
      assert.deepInclude(yield* update({ state: "open" }), { state: "open", state_reason: "reopened", closed_at: null })
      const read = yield* Effect.promise(() => rest.issues.get(issue))
      assert.strictEqual(read.data.title, "New")
    })
  )

  it.effect("are listed by creator, labels and state", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const { rest } = yield* installationClient(101)
      const first = yield* create("first", ["a", "b"])
      const second = yield* create("second", ["a"])
      yield* sandbox.closeIssue("acme/source", second.number)
      const list = (filter: object) =>
        Effect.promise(async () =>
          (await rest.issues.listForRepo({ ...source, ...filter })).data.map(({ number }) => number)
        )
      assert.deepStrictEqual(yield* list({ labels: "a" }), [first.number])
      assert.deepStrictEqual(yield* list({ labels: "A", state: "all" }), [second.number, first.number])
      assert.deepStrictEqual(yield* list({ labels: "a", state: "closed" }), [second.number])
      assert.deepStrictEqual(yield* list({ labels: "a,b", creator: "dispatcher-app[bot]" }), [first.number])
      assert.deepStrictEqual(yield* list({ creator: "another" }), [])
      assert.deepStrictEqual(yield* list({ since: "2999-01-01T00:00:00Z", state: "all" }), [])
      assert.lengthOf(yield* list({ state: "all", per_page: 1 }), 1)
    })
  )

  it.effect("have comments", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const { rest } = yield* installationClient(101)
      const { number } = yield* create("with comments")
      const issue = { ...source, issue_number: number }
      for (const body of ["one", "two"]) yield* Effect.promise(() => rest.issues.createComment({ ...issue, body }))
      const { data } = yield* Effect.promise(() => rest.issues.listComments(issue))
      assert.deepStrictEqual(
        data.map(({ body, user }) => [body, user?.login]),
        [
          ["one", "dispatcher-app[bot]"],
          ["two", "dispatcher-app[bot]"]
        ]
      )
      const later = yield* Effect.promise(() => rest.issues.listComments({ ...issue, since: "2999-01-01T00:00:00Z" }))
      assert.deepStrictEqual(later.data, [])
      assert.deepStrictEqual(
        (yield* sandbox.comments("acme/source", number)).map(({ body }) => body),
        ["one", "two"]
      )
      const blank = yield* refusal(() => rest.issues.createComment({ ...issue, body: " " }))
      assert.deepStrictEqual(blank, { status: 422, message: "Validation Failed" })
    })
  )

  it.effect("are gone once a person deletes them", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.Sandbox
      const { rest } = yield* installationClient(101)
      const { number } = yield* create("short-lived")
      yield* sandbox.deleteIssue("acme/source", number)
      const issue = { ...source, issue_number: number }
      const calls = [
        () => rest.issues.get(issue),
        () => rest.issues.update({ ...issue, title: "x" }),
        () => rest.issues.createComment({ ...issue, body: "x" })
      ]
      for (const call of calls) {
        assert.deepStrictEqual(yield* refusal(call), { status: 410, message: "This issue was deleted" })
      }
      assert.notInclude(
        (yield* sandbox.issues("acme/source")).map((item) => item.number),
        number
      )
    })
  )

  it.effect.each([
    ["issues disabled", { repo: "quiet" }, 410, "Issues has been disabled in this repository."],
    ["archived", { repo: "frozen" }, 403, "Repository was archived so is read-only."],
    ["missing repository", { repo: "absent" }, 404, "Not Found"],
    ["no title", { title: undefined }, 422, `Invalid request.\n\n"title" wasn't supplied.`],
    ["blank title", { title: " " }, 422, "Validation Failed"],
    ["long title", { title: "x".repeat(257) }, 422, "Validation Failed"],
    ["long body", { body: "x".repeat(65_537) }, 422, "Validation Failed"]
  ] as const)("are refused: %s", ([, change, status, message]) =>
    Effect.gen(function* () {
      const { request } = yield* installationClient(101)
      const refused = yield* refusal(() =>
        request("POST /repos/{owner}/{repo}/issues", { ...source, title: "x", ...change } as never)
      )
      assert.deepStrictEqual(refused, { status, message })
    })
  )

  it.effect("need the permission", () =>
    Effect.gen(function* () {
      const { rest } = yield* installationClient(104)
      const refused = yield* refusal(() => rest.issues.create({ owner: "hooli", repo: "tv", title: "x" }))
      assert.deepStrictEqual(refused, { status: 403, message: "Resource not accessible by integration" })
      const missing = yield* refusal(() => rest.issues.get({ owner: "hooli", repo: "tv", issue_number: 1 }))
      assert.strictEqual(missing.status, 403)
    })
  )
})
