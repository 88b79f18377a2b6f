/**
 * `dispatcher setup`: registers the GitHub App through GitHub's manifest flow, and writes what the service needs to `.env`. A person
 * confirms in the browser; the private key and the secret go from GitHub to the file and are shown nowhere.
 */
import { randomBytes } from "node:crypto"
import { type Cause, Console, Effect, Option, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "effect/http"
import { layerHttpClient } from "../../adapters/Outbound.ts"
import type { Proxies } from "../../adapters/Proxies.ts"
import { variables } from "../Configuration.ts"
import { proxiesOf, variables as proxyVariables } from "../Proxies.ts"
import { checkEnvFile, isSet, readEnvFile, withVariables, writeEnvFile } from "./EnvFile.ts"
import { environment } from "./Environment.ts"
import { CommandFailed, failed, innermost } from "./Failures.ts"
import { manifestOf, registrationUrl, websiteOf } from "./Manifest.ts"
import * as SetupPage from "./SetupPage.ts"
import { during, mark, paint } from "./Terminal.ts"

/** What is to be registered, and where its secrets go. */
export interface SetupOptions {
  readonly organization: string | undefined
  readonly webhookUrl: string
  readonly name: string
  readonly apiUrl: string
  /** The way to GitHub. */
  readonly proxies: Proxies
  readonly file: string
  /** Whether an App that the file has already is to be replaced. */
  readonly replace: boolean
}

/** GitHub's names of Apps have at most 34 characters. */
const mostOfOwner = 34 - "-dispatcher-abcd".length

/** A person reads and confirms; GitHub's code is good for an hour. */
const patience = "1 hour"

const Conversion = Schema.Struct({
  id: Schema.Int,
  slug: Schema.String,
  pem: Schema.String,
  webhook_secret: Schema.String,
  html_url: Schema.String
})

/** Nothing of an answer is repeated: it may hold secrets. */
const whyNot = (error: HttpClientError.HttpClientError | Schema.SchemaError | Cause.TimeoutError): string => {
  if (!HttpClientError.isHttpClientError(error))
    return error._tag === "TimeoutError" ? "it does not answer" : "its answer is none"
  return error.response === undefined ? innermost(error) : `it answered ${error.response.status}`
}

/** The App for the code that GitHub gave the browser. https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest @internal */
export const convert = ({ apiUrl, proxies }: Pick<SetupOptions, "apiUrl" | "proxies">, code: string) =>
  HttpClientRequest.post(`${apiUrl.replace(/\/+$/, "")}/app-manifests/${encodeURIComponent(code)}/conversions`).pipe(
    HttpClientRequest.setHeaders({ accept: "application/vnd.github+json", "user-agent": "dispatcher" }),
    HttpClient.execute,
    Effect.flatMap(HttpClientResponse.filterStatusOk),
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Conversion)),
    Effect.timeout("1 minute"),
    Effect.mapError(
      (error) => new CommandFailed({ message: `GitHub did not hand out the App: ${whyNot(error)}; start again` })
    ),
    Effect.provide(layerHttpClient(proxies))
  )

const valuesOf = (app: typeof Conversion.Type, apiUrl: string) => ({
  GITHUB_APP_ID: String(app.id),
  GITHUB_APP_SLUG: app.slug,
  GITHUB_APP_PRIVATE_KEY: app.pem,
  GITHUB_WEBHOOK_SECRET: app.webhook_secret,
  ...(websiteOf(apiUrl) === "https://github.com" ? {} : { GITHUB_API_URL: apiUrl })
})

/** Refuses, before anything is registered, to lose the credentials of another App. */
const refuseToOverwrite = Effect.fnUntraced(function* ({ file, replace }: SetupOptions) {
  const text = yield* readEnvFile(file)
  const names = ["GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET"].filter((name) => isSet(text, name))
  if (names.length > 0 && !replace) {
    return yield* new CommandFailed({ message: `${file} has ${names.join(", ")} already; --replace replaces them` })
  }
})

/** Writes what GitHub gave; it gives it once, so a failure says how to come by it again. */
const keep = Effect.fnUntraced(
  function* (app: typeof Conversion.Type, { file, apiUrl }: SetupOptions) {
    const text = yield* readEnvFile(file)
    yield* writeEnvFile(file, withVariables(text, valuesOf(app, apiUrl)))
  },
  (writing, app) =>
    Effect.mapError(writing, ({ message }) =>
      failed({
        message: `${app.slug} is registered, but its credentials could not be kept: ${message}\nDelete it, or make a new key and secret, at ${app.html_url}`
      })
    )
)

/** Who is elsewhere brings the page to their browser. */
const tunnelHint = (url: string): ReadonlyArray<string> => {
  const { port } = new URL(url)
  return process.env.SSH_CONNECTION === undefined ? [] : [`From your own machine: ssh -L ${port}:127.0.0.1:${port} …`]
}

/** Registers the App and writes the file. */
export const setup = Effect.fn("cli.setup")(function* (options: SetupOptions) {
  yield* refuseToOverwrite(options)
  yield* checkEnvFile(options.file)
  const state = randomBytes(16).toString("hex")
  const { url, code } = yield* SetupPage.serve(state, (address) => ({
    action: registrationUrl(options.apiUrl, options.organization, state),
    manifest: manifestOf({ ...options, redirectUrl: `${address}/callback` })
  }))
  yield* Console.log(`Open ${paint("bold", url)} in a browser on this machine and confirm on GitHub; Ctrl-C gives up.`)
  yield* Effect.forEach(tunnelHint(url), (line) => Console.log(line))
  const confirmed = Effect.timeoutOrElse(code, {
    duration: patience,
    orElse: () => Effect.fail(new CommandFailed({ message: "the App was not confirmed within an hour; start again" }))
  })
  const app = yield* confirmed.pipe(
    Effect.flatMap((given) => convert(options, given)),
    during("waiting for GitHub")
  )
  yield* keep(app, options)
  yield* Console.log(`${mark(true)} ${app.slug} is registered; its credentials are in ${options.file} (mode 600).`)
  yield* Console.log(`Install it on the repositories: ${app.html_url}/installations/new`)
  yield* Console.log("Then: dispatcher doctor")
}, Effect.scoped)

const WebhookUrl = Schema.String.check(
  Schema.isPattern(/^https?:\/\/[^/?#\s@]+\/\S*$/, {
    expected: "an address such as https://dispatcher.example.com/webhooks/github"
  })
)

export const command = Command.make(
  "setup",
  {
    webhookUrl: Flag.String("webhook-url").pipe(
      Flag.withDescription("Where GitHub reaches the service: https://HOST/webhooks/github, or a smee.io channel"),
      Flag.withSchema(WebhookUrl)
    ),
    org: Flag.String("org").pipe(
      Flag.withDescription("The organisation that owns the App. Default: you"),
      Flag.optional
    ),
    name: Flag.String("name").pipe(
      Flag.withDescription("The App's name, unique on GitHub; it can be changed on the page"),
      Flag.optional
    ),
    // Not --env-file: Node takes that for itself, wherever it stands.
    file: Flag.Path("file", { pathType: "file" }).pipe(
      Flag.withDescription("The file to write. Default: .env"),
      Flag.withDefault(".env")
    ),
    replace: Flag.Boolean("replace").pipe(
      Flag.withDescription("Replace the App that the file has already"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* ({ webhookUrl, org, name, file, replace }) {
    const given = yield* environment({ GITHUB_API_URL: variables.GITHUB_API_URL, ...proxyVariables })
    const organization = Option.getOrUndefined(org)
    const owner = (organization ?? "my").slice(0, mostOfOwner)
    const wanted = Option.getOrElse(name, () => `${owner}-dispatcher-${randomBytes(2).toString("hex")}`)
    yield* setup({
      organization,
      webhookUrl,
      name: wanted,
      apiUrl: given.GITHUB_API_URL,
      proxies: proxiesOf(given),
      file,
      replace
    })
  })
).pipe(
  Command.withDescription("Register the GitHub App from a manifest, and write its credentials to .env"),
  Command.withExamples([
    {
      command: "dispatcher setup --org acme --webhook-url https://dispatcher.example.com/webhooks/github",
      description: "An App of the organisation acme"
    }
  ])
)
