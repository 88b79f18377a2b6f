/**
 * A repository and the files in it. https://docs.github.com/en/rest/repos/contents
 */
import type { RestEndpointMethodTypes } from "@octokit/rest"
import { Effect } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { json, notFound, SandboxRefusal } from "../Answer.ts"
import { endpoint, pathParam, queryParameter, repositoryFor } from "../Endpoint.ts"
import { apiUrl, htmlUrl } from "../Formats.ts"
import { blobSha, findRef, isEmpty, sha1 } from "../Repositories.ts"
import { fullRepository } from "../RepositoryViews.ts"
import { type SandboxRepository, type SandboxState, State } from "../State.ts"

type ContentData = RestEndpointMethodTypes["repos"]["getContent"]["response"]["data"]
type FileView = Extract<ContentData, { type: "file"; content: string }>

const page = "repos/contents#get-repository-content"

/** Answers 304 when the client has this version already; else the answer with its ETag. */
const withEtag = Effect.fnUntraced(function* (etag: string, response: HttpServerResponse.HttpServerResponse) {
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const known = (headers["if-none-match"] ?? "").split(/\s*,\s*/).map((tag) => tag.replace(/^W\//, ""))
  return known.includes(etag) || known.includes("*")
    ? HttpServerResponse.empty({ status: 304, headers: { etag } })
    : HttpServerResponse.setHeader(response, "etag", etag)
})

const getRepository = endpoint(
  "GET",
  "/repos/:owner/:repo",
  Effect.gen(function* () {
    const repository = yield* repositoryFor("metadata", "read", "repos/repos#get-a-repository")
    const view = fullRepository(yield* State, repository)
    return yield* withEtag(`"${sha1(JSON.stringify(view))}"`, json(view))
  })
)

/** Files over a megabyte come without content; over 100 MB they do not come at all, which is not tried here. */
const maxInline = 1_000_000

const wrapped = (base64: string): string => base64.replace(/.{60}/g, "$&\n")

const links = (state: SandboxState, repository: SandboxRepository, path: string, ref: string, sha: string) => {
  const url = `${apiUrl(state, repository)}/contents/${path}?ref=${ref}`
  const git = `${apiUrl(state, repository)}/git/blobs/${sha}`
  const html = `${htmlUrl(state, repository)}/blob/${ref}/${path}`
  return {
    url,
    git_url: git,
    html_url: html,
    download_url: `${htmlUrl(state, repository)}/raw/${ref}/${path}`,
    _links: { self: url, git, html }
  }
}

const fileView = (state: SandboxState, repository: SandboxRepository, path: string, ref: string, text: string) => {
  const size = Buffer.byteLength(text)
  const inline = size <= maxInline
  return {
    type: "file",
    encoding: inline ? "base64" : "none",
    size,
    name: path.slice(path.lastIndexOf("/") + 1),
    path,
    content: inline ? wrapped(`${Buffer.from(text).toString("base64")}`) : "",
    sha: blobSha(text),
    ...links(state, repository, path, ref, blobSha(text))
  } satisfies FileView
}

const folderView = (
  state: SandboxState,
  repository: SandboxRepository,
  folder: string,
  ref: string,
  files: ReadonlyMap<string, string>
) => {
  const prefix = folder === "" ? "" : `${folder}/`
  const inside = [...files].filter(([path]) => path.startsWith(prefix))
  const names = [...new Set(inside.map(([path]) => path.slice(prefix.length).split("/", 1)[0] ?? ""))].sort()
  return names.map((name) => {
    const path = `${prefix}${name}`
    const text = files.get(path)
    const sha = text === undefined ? sha1(`tree ${repository.fullName} ${path}`) : blobSha(text)
    const size = text === undefined ? 0 : Buffer.byteLength(text)
    return {
      type: text === undefined ? "dir" : "file",
      size,
      name,
      path,
      sha,
      ...links(state, repository, path, ref, sha)
    }
  })
}

const getContents = endpoint(
  "GET",
  "/repos/:owner/:repo/contents/*",
  Effect.gen(function* () {
    const repository = yield* repositoryFor("contents", "read", page)
    const state = yield* State
    const path = (yield* pathParam("*")).replace(/^\/+|\/+$/g, "")
    const name = (yield* queryParameter).get("ref") ?? repository.defaultBranch
    if (isEmpty(repository))
      return yield* new SandboxRefusal({ status: 404, message: "This repository is empty.", page })
    const ref = findRef(repository, name)
    if (ref === undefined) {
      return yield* new SandboxRefusal({ status: 404, message: `No commit found for the ref ${name}`, page })
    }
    const text = ref.files.get(path)
    if (text === undefined) {
      const entries = folderView(state, repository, path, ref.name, ref.files)
      return entries.length === 0
        ? yield* notFound(page)
        : yield* withEtag(`"${sha1(JSON.stringify(entries))}"`, json(entries))
    }
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    const raw = /application\/vnd\.github(\.v3)?\.raw/.test(headers.accept ?? "")
    const response = raw
      ? HttpServerResponse.text(text, { contentType: "application/vnd.github.raw+json; charset=utf-8" })
      : json(fileView(state, repository, path, ref.name, text))
    return yield* withEtag(`"${blobSha(text)}${raw ? "-raw" : ""}"`, response)
  })
)

/** The routes of this file. */
export const layer = HttpRouter.addAll([getRepository, getContents])
