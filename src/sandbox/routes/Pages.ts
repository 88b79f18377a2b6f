/**
 * Where the `html_url` of a run, an issue or a check run leads: a plain page for people who follow a link in the demo. No credentials, as
 * the sandbox listens on loopback only.
 */
import { Clock, Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { notFound } from "../Answer.ts"
import { endpoint, idParam, pathParam } from "../Endpoint.ts"
import { findRepository } from "../Repositories.ts"
import { State } from "../State.ts"
import { run as runView } from "../Views.ts"

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)

const page = (title: string, rows: ReadonlyArray<readonly [string, string]>): HttpServerResponse.HttpServerResponse => {
  const list = rows.map(([name, value]) => `<dt>${escaped(name)}</dt><dd><pre>${escaped(value)}</pre></dd>`).join("\n")
  const style =
    "body{font:16px system-ui;margin:2rem;max-width:60rem}pre{white-space:pre-wrap;margin:0 0 .5rem}dt{color:#57606a}"
  return HttpServerResponse.text(
    `<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style>
<h1>${escaped(title)}</h1>\n<dl>\n${list}\n</dl>\n<p>From the sandbox GitHub.</p></html>\n`,
    { contentType: "text/html; charset=utf-8" }
  )
}

const repositoryHere = Effect.gen(function* () {
  const found = findRepository(yield* State, yield* pathParam("owner"), yield* pathParam("repo"))
  return found ?? (yield* notFound())
})

const runPage = endpoint(
  "GET",
  "/:owner/:repo/actions/runs/:run",
  Effect.gen(function* () {
    const repository = yield* repositoryHere
    const state = yield* State
    const run = state.runs.get(yield* idParam("run"))
    if (run?.repository !== repository) return yield* notFound()
    const view = runView(state, run, yield* Clock.currentTimeMillis)
    return page(`${repository.fullName}: ${view.name} #${view.run_number}`, [
      ["Status", [view.status, view.conclusion].filter((part) => part !== null).join(", ")],
      ["Workflow", view.path],
      ["Ref", view.head_branch],
      ["Commit", view.head_sha],
      ["Event", `${view.event} by ${view.actor.login}`],
      ["Started", view.created_at],
      [
        "Inputs",
        Object.entries(run.inputs)
          .map(([name, value]) => `${name}: ${value}`)
          .join("\n") || "none"
      ]
    ])
  })
)

const issuePage = endpoint(
  "GET",
  "/:owner/:repo/issues/:issue",
  Effect.gen(function* () {
    const repository = yield* repositoryHere
    const number = yield* idParam("issue")
    const issue = repository.issues.find((item) => item.number === number && !item.deleted) ?? (yield* notFound())
    return page(`${repository.fullName}#${number}: ${issue.title}`, [
      ["State", issue.state],
      [issue.author, issue.body ?? ""],
      ...issue.comments.map(({ author, body }) => [author, body] as const)
    ])
  })
)

const checkRunPage = endpoint(
  "GET",
  "/:owner/:repo/runs/:check",
  Effect.gen(function* () {
    const repository = yield* repositoryHere
    const id = yield* idParam("check")
    const item = repository.checkRuns.find((other) => other.id === id) ?? (yield* notFound())
    return page(`${repository.fullName}: ${item.name}`, [
      ["Status", [item.status, item.conclusion].filter((part) => part !== null).join(", ")],
      ["Commit", item.headSha],
      ["Details", item.detailsUrl],
      [item.output.title ?? "Output", item.output.summary ?? "none"],
      ["Text", item.output.text ?? "none"]
    ])
  })
)

/** The routes of this file. */
export const layer = HttpRouter.addAll([runPage, issuePage, checkRunPage])
