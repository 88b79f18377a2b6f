/**
 * The page's files, as `scripts/build-ui.ts` leaves them in `page` of a checkout and `dist/ui` of a package, and the routes that serve them. They are read once, at start; what the server fills in itself is little.
 *
 * Script and style are public; the page needs a session.
 */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Context, Effect, Layer, Result, Schema } from "effect"
import { HttpRouter, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { Access, refuseSignIn } from "./Access.ts"
import { cached, etagOf, files, page } from "./Caching.ts"
import { home } from "./Requests.ts"
import { withForms } from "./SecurityHeaders.ts"

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

/** Text that means itself between tags and in quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "")

/** Puts escaped texts for `{{name}}`; a placeholder within a text stays as it is, as does one that nothing was given for. */
export const fill = (template: string, texts: Readonly<Record<string, string>>): string =>
  template.replace(/\{\{(\w+)\}\}/g, (placeholder, name: string) =>
    Object.hasOwn(texts, name) ? escapeHtml(texts[name] ?? "") : placeholder
  )

/** The page was not built, or cannot be read. */
export class PageMissing extends Schema.TaggedError<PageMissing>()("PageMissing", { file: Schema.String }) {
  override get message() {
    return `the dashboard's page cannot be read (${this.file}); build it: npm run build:page`
  }
}

/** What the files hold. */
export class PageFiles extends Context.Service<
  PageFiles,
  {
    readonly index: Uint8Array
    readonly script: Uint8Array
    readonly style: Uint8Array
    /** The sign-in page, with the placeholders `{{message}}` and `{{next}}`. */
    readonly signIn: string
  }
>()("dispatcher/dashboard/Page/PageFiles") {}

const read = (file: string) => Effect.tryPromise({ try: () => readFile(file), catch: () => new PageMissing({ file }) })

/** The files in a folder. */
export const layerFiles = (folder: string): Layer.Layer<PageFiles, PageMissing> =>
  Layer.effect(
    PageFiles,
    Effect.all(
      {
        index: read(join(folder, "index.html")),
        script: read(join(folder, "app.js")),
        style: read(join(folder, "app.css")),
        signIn: Effect.map(read(join(folder, "sign-in.html")), (bytes) => bytes.toString("utf8"))
      },
      { concurrency: "unbounded" }
    )
  )

const file = (body: Uint8Array, contentType: string, headers = {}) =>
  HttpServerResponse.uint8Array(body, { contentType, headers: { ...headers, etag: etagOf(body) } })

/** Where to sign in, and then go on to `next`. */
const signInPath = (next: string): string => `${home}/sign-in?next=${encodeURIComponent(next)}`

/**
 * Asks the browser to ask again. A strict cookie does not come along when a person follows a link from another site, such as a shared view
 * in a chat; it does when our own document leads on to the same address.
 */
const again = (path: string) =>
  HttpServerResponse.text(`<!doctype html><meta http-equiv="refresh" content="0;url=${escapeHtml(path)}">`, {
    contentType: "text/html; charset=utf-8"
  })

const toSignIn = ({ url, headers }: HttpServerRequest.HttpServerRequest) => {
  const query = url.indexOf("?")
  const path = query === -1 ? home : `${home}${url.slice(query)}`
  if (headers["sec-fetch-site"] === "cross-site") return again(path)
  return HttpServerResponse.redirect(signInPath(path), { status: 303 })
}

/** The routes of the files. */
export const layer: Layer.Layer<never, never, HttpRouter.HttpRouter | PageFiles | Access> = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const { index, script, style } = yield* PageFiles
    const access = yield* Access
    const document = file(index, "text/html; charset=utf-8", withForms)

    yield* router.add(
      "GET",
      `${home}/app.js`,
      cached(files)(Effect.succeed(file(script, "text/javascript; charset=utf-8")))
    )
    yield* router.add("GET", `${home}/app.css`, cached(files)(Effect.succeed(file(style, "text/css; charset=utf-8"))))
    yield* router.add("GET", home, (request) =>
      Effect.flatMap(Effect.result(access.identify(request)), (asked) => {
        if (Result.isSuccess(asked)) return cached(page)(Effect.succeed(document))
        return Effect.succeed(asked.failure._tag === "Unauthorized" ? toSignIn(request) : refuseSignIn(asked.failure))
      })
    )
  })
)
