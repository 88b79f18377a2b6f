/** Issues and comments: written, opened again, found again, and gone. */

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { GitHubId } from "../../../src/domain/SourceRun.ts"
import { type Addressee, Reports } from "../../../src/ports/Reports.ts"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import {
  json,
  overFetch,
  overSandbox,
  played,
  reasonOfFailure,
  repository,
  requestsSeen,
  tokenAnswer
} from "./support.ts"

const to: Addressee = {
  repository: repository("acme/source"),
  repositoryId: GitHubId.make("700000001"),
  installationId: GitHubId.make("101")
}
const silent: Addressee = {
  repository: repository("acme/silent"),
  repositoryId: GitHubId.make("700000001"),
  installationId: GitHubId.make("101")
}

describe("an issue", () => {
  it.live("is opened, in one request and one for the token", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      const { issues } = yield* Sandbox
      const issue = yield* reports.create(to, { title: "Dispatches of ci.yml", body: "<!-- marker --> first" })
      assert.strictEqual(issue.number, 1)
      assert.match(issue.url, /\/acme\/source\/issues\/1$/)
      assert.containSubset(yield* issues("acme/source"), [
        { title: "Dispatches of ci.yml", body: "<!-- marker --> first" }
      ])
      assert.deepStrictEqual(yield* requestsSeen, [
        "POST /app/installations/101/access_tokens",
        "POST /repos/acme/source/issues"
      ])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("is rewritten, and opened again only where that is asked for", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      const { closeIssue, issues } = yield* Sandbox
      const created = yield* reports.create(to, { title: "A", body: "first" })
      yield* closeIssue("acme/source", 1)
      assert.deepStrictEqual(yield* reports.update(to, 1, "meanwhile", false), created)
      assert.containSubset(yield* issues("acme/source"), [{ body: "meanwhile", state: "closed" }])
      assert.deepStrictEqual(yield* reports.update(to, 1, "second", true), created)
      assert.containSubset(yield* issues("acme/source"), [{ title: "A", body: "second", state: "open" }])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("of a repository that is called otherwise meanwhile is the same one, and others are opened there", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      const { issues, renameRepository } = yield* Sandbox
      yield* reports.create(to, { title: "A", body: "<!-- A --> first" })
      yield* renameRepository("acme/source", "elsewhere")
      yield* reports.update(to, 1, "<!-- A --> second", false)
      yield* reports.comment(to, 1, "said")
      assert.strictEqual((yield* reports.findIssue(to, "<!-- A -->"))?.number, 1)
      yield* reports.create(to, { title: "B", body: "another" })
      assert.containSubset(yield* issues("acme/elsewhere"), [
        { title: "A", body: "<!-- A --> second" },
        { title: "B", body: "another" }
      ])
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("that was deleted is not found", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      const { deleteIssue } = yield* Sandbox
      yield* reports.create(to, { title: "A", body: "first" })
      yield* deleteIssue("acme/source", 1)
      for (const call of [
        reports.update(to, 1, "x", true),
        reports.comment(to, 1, "x"),
        reports.findComments(to, 1, "x")
      ]) {
        assert.strictEqual((yield* reasonOfFailure<unknown, never>(call))._tag, "NotFound")
      }
      assert.strictEqual((yield* reasonOfFailure(reports.update(to, 99, "x", true)))._tag, "NotFound")
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("cannot be opened where issues are switched off", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      const reason = yield* reasonOfFailure(reports.create(silent, { title: "A", body: "first" }))
      assert.strictEqual(`${reason._tag}: ${reason.message}`, "Forbidden: Issues has been disabled in this repository.")
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("that takes no more cannot be found any more, one that is locked is forbidden", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      const { fillIssue, lockIssue, transferIssue } = yield* Sandbox
      for (const body of ["full", "locked", "transferred"]) yield* reports.create(to, { title: "A", body })
      yield* fillIssue("acme/source", 1)
      yield* lockIssue("acme/source", 2)
      yield* transferIssue("acme/source", 3, "acme/target")
      const tags = yield* Effect.forEach(
        [
          reports.comment(to, 1, "x"),
          reports.comment(to, 2, "x"),
          reports.comment(to, 3, "x"),
          reports.update(to, 3, "x", true)
        ],
        (call) => Effect.map(reasonOfFailure<unknown, never>(call), ({ _tag }) => _tag)
      )
      assert.deepStrictEqual(tags, ["NotFound", "Forbidden", "NotFound", "NotFound"])
      yield* reports.update(to, 1, "still", false)
      yield* reports.update(to, 2, "still", false)
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("that is refused says why", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      const reason = yield* reasonOfFailure(reports.create(to, { title: "A", body: "x".repeat(70_000) }))
      assert.match(`${reason._tag}: ${reason.message}`, /^Unprocessable: Validation Failed: .*too long/)
    }).pipe(Effect.provide(overSandbox()))
  )
})

describe("when an answer is lost", () => {
  it.live("opening and commenting are ambiguous, are not sent again, and are found again", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      const { injectFault } = yield* Sandbox
      yield* injectFault({ method: "POST", path: "/repos/**", drop: "after", times: 2 })
      assert.strictEqual((yield* reasonOfFailure(reports.create(to, { title: "A", body: "run-1" })))._tag, "Ambiguous")
      assert.strictEqual((yield* reports.findIssue(to, "run-1"))?.number, 1)
      assert.strictEqual((yield* reasonOfFailure(reports.comment(to, 1, "comment-1")))._tag, "Ambiguous")
      assert.deepStrictEqual(yield* reports.findComments(to, 1, "comment-1"), ["comment-1"])
      assert.strictEqual((yield* requestsSeen).filter((line) => line.startsWith("POST /repos")).length, 2)
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("rewriting is tried again: it comes to the same", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      const { injectFault, issues } = yield* Sandbox
      yield* reports.create(to, { title: "A", body: "first" })
      yield* injectFault(
        { method: "PATCH", path: "/repos/**", drop: "after" },
        { method: "PATCH", path: "/repos/**", answer: { status: 502 } }
      )
      yield* reports.update(to, 1, "second", true)
      assert.containSubset(yield* issues("acme/source"), [{ body: "second" }])
      assert.strictEqual((yield* requestsSeen).filter((line) => line.startsWith("PATCH")).length, 3)
    }).pipe(Effect.provide(overSandbox()))
  )

  it.effect("an answer without a number counts as lost: the issue may be there", () => {
    const { fetch } = played((request) =>
      request.url.endsWith("/access_tokens") ? tokenAnswer("t") : json(201, { html_url: "https://github.test" })
    )
    return Effect.gen(function* () {
      const reports = yield* Reports
      assert.strictEqual((yield* reasonOfFailure(reports.create(to, { title: "A", body: "B" })))._tag, "Ambiguous")
    }).pipe(Effect.provide(overFetch(fetch)))
  })
})

describe("finding an issue", () => {
  it.live("gives the newest with the marker, open or closed, or none", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      const { closeIssue } = yield* Sandbox
      for (const body of ["<!-- a -->", "<!-- b -->", "<!-- b --> again", "<!-- c -->"]) {
        yield* reports.create(to, { title: "A", body })
      }
      yield* closeIssue("acme/source", 3)
      assert.strictEqual((yield* reports.findIssue(to, "<!-- b -->"))?.number, 3)
      assert.isNull(yield* reports.findIssue(to, "<!-- d -->"))
      assert.isNull(yield* reports.findIssue(silent, "<!-- a -->"))
    }).pipe(Effect.provide(overSandbox()))
  )

  const issueBy = (number: number, login: string | null, body: string | null) => ({
    number,
    html_url: `https://github.test/issues/${number}`,
    user: login === null ? null : { login },
    body
  })
  const bot = "dispatcher-app[bot]"

  it.effect("does not fall for a marker that another person quotes, nor for issues without body or author", () => {
    const issues = [
      issueBy(4, "mallory", "marker"),
      issueBy(3, null, "marker"),
      issueBy(2, bot, null),
      issueBy(1, bot, "marker")
    ]
    const { fetch, requests } = played((request) =>
      request.url.endsWith("/access_tokens") ? tokenAnswer("t") : json(200, issues)
    )
    return Effect.gen(function* () {
      const reports = yield* Reports
      assert.strictEqual((yield* reports.findIssue(to, "marker"))?.number, 1)
      const { searchParams } = new URL(requests[1]?.url ?? "")
      assert.deepStrictEqual([searchParams.get("creator"), searchParams.get("state")], [bot, "all"])
    }).pipe(Effect.provide(overFetch(fetch)))
  })

  it.effect("stops where it has found it, and at the third page at the latest", () => {
    const { fetch, requests } = played((request) => {
      if (request.url.endsWith("/access_tokens")) return tokenAnswer("t")
      const page = Number(new URL(request.url).searchParams.get("page"))
      const link = `<https://github.test/x?per_page=100&page=${page + 1}>; rel="next", <https://github.test/x?per_page=100&page=9>; rel="last"`
      return json(200, [issueBy(page, bot, `page ${page}`)], { link })
    })
    return Effect.gen(function* () {
      const reports = yield* Reports
      assert.strictEqual((yield* reports.findIssue(to, "page 2"))?.number, 2)
      assert.strictEqual(requests.length, 3)
      assert.isNull(yield* reports.findIssue(to, "page 4"))
      assert.strictEqual(requests.length, 6)
    }).pipe(Effect.provide(overFetch(fetch)))
  })
})

describe("whether an issue is only ours", () => {
  it.live("takes two requests, and one more for each 100 comments", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      yield* reports.create(to, { title: "A", body: "B" })
      assert.isTrue(yield* reports.isOnlyOurs(to, 1))
      assert.strictEqual((yield* requestsSeen).filter((line) => line.startsWith("GET")).length, 2)
      yield* Effect.forEach(Array(101).keys(), (index) => reports.comment(to, 1, `${index}`))
      assert.isTrue(yield* reports.isOnlyOurs(to, 1))
      assert.strictEqual((yield* requestsSeen).filter((line) => line.startsWith("GET")).length, 5)
    }).pipe(Effect.provide(overSandbox()))
  )

  const bot = "dispatcher-app[bot]"
  const by = (login: string | null) => ({ id: 1, user: login === null ? null : { login }, body: "text" })
  it.effect.each<[string, unknown, ReadonlyArray<unknown>, boolean]>([
    ["it is, also where case differs", by("Dispatcher-App[bot]"), [by(bot), by(bot)], true],
    ["a person opened it", by("mallory"), [], false],
    ["a person commented", by(bot), [by(bot), by("mallory")], false],
    ["another App commented", by(bot), [by("stale[bot]")], false],
    ["an account that is gone commented", by(bot), [by(null)], false],
    ["a comment cannot be read", by(bot), [{ id: 7 }], false]
  ])("is so where %s: %#", ([, issue, comments, expected]) => {
    const { fetch } = played((request) => {
      if (request.url.endsWith("/access_tokens")) return tokenAnswer("t")
      if (request.url.includes("/comments")) return json(200, comments)
      return json(200, { number: 1, html_url: "https://github.test/1", ...(issue as object) })
    })
    return Effect.gen(function* () {
      const reports = yield* Reports
      assert.strictEqual(yield* reports.isOnlyOurs(to, 1), expected)
    }).pipe(Effect.provide(overFetch(fetch)))
  })
})

describe("closing an issue", () => {
  it.live("notes that it is completed, in one request, and is tried again: it comes to the same", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      const { injectFault, issues } = yield* Sandbox
      yield* reports.create(to, { title: "A", body: "B" })
      yield* injectFault({ method: "PATCH", path: "/repos/**", drop: "after" })
      yield* reports.close(to, 1)
      assert.containSubset(yield* issues("acme/source"), [{ state: "closed", stateReason: "completed", body: "B" }])
      assert.strictEqual((yield* requestsSeen).filter((line) => line.startsWith("PATCH")).length, 2)
    }).pipe(Effect.provide(overSandbox()))
  )
})

describe("finding a comment", () => {
  it.live("takes one request for an issue with few comments", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      yield* reports.create(to, { title: "A", body: "B" })
      yield* reports.comment(to, 1, "run 7")
      assert.deepStrictEqual(yield* reports.findComments(to, 1, "run 7"), ["run 7"])
      assert.deepStrictEqual(yield* reports.findComments(to, 1, "run 8"), [])
      assert.strictEqual((yield* requestsSeen).filter((line) => line.startsWith("GET")).length, 2)
    }).pipe(Effect.provide(overSandbox()))
  )

  it.live("looks at the latest where there are many, in at most 3 requests", () =>
    Effect.gen(function* () {
      const reports = yield* Reports
      yield* reports.create(to, { title: "A", body: "B" })
      yield* Effect.forEach(Array(420).keys(), (index) => reports.comment(to, 1, `run ${index}.`))
      const cost = Effect.map(requestsSeen, (seen) => seen.filter((line) => line.startsWith("GET")).length)
      for (const [index, [marker, found]] of (
        [
          ["run 50.", true],
          ["run 419.", true],
          ["run 310.", true],
          ["run 150.", false]
        ] as const
      ).entries()) {
        assert.deepStrictEqual(yield* reports.findComments(to, 1, marker), found ? [marker] : [])
        assert.strictEqual(yield* cost, 3 * (index + 1))
      }
    }).pipe(Effect.provide(overSandbox()))
  )
})
