/**
 * `dispatcher setup`: registers the GitHub App through GitHub's manifest flow, and writes what the service needs to `.env`. A person
 * confirms in the browser; the private key and the secret go from GitHub to the file and are shown nowhere.
 */
import { randomBytes } from "node:crypto"
import { Console, Effect, Option, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { FetchHttpClient, HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { variables } from "../Configuration.ts"
import { isSet, readEnvFile, withVariables, writeEnvFile } from "./EnvFile.ts"
import { environment } from "./Environment.ts"
import { CommandFailed } from "./Failures.ts"
import { manifestOf, registrationUrl, websiteOf } from "./Manifest.ts"
import * as SetupPage from "./SetupPage.ts"
import { mark, paint } from "./Style.ts"

/** What is to be registered, and where its secrets go. */
export interface SetupOptions {
  readonly organization: string | undefined
  readonly webhookUrl: string
  readonly name: string
  readonly apiUrl: string
  readonly file: string
  /** Whether an App that the file has already is to be replaced. */
  readonly replace: boolean
}

/** A person reads and confirms; GitHub's code is good for an hour. */
const patience = "1 hour"

const Conversion = Schema.Struct({
  id: Schema.Int,
  slug: Schema.String,
  pem: Schema.String,
  webhook_secret: Schema.String,
  html_url: Schema.String
})

/** https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest */
const convert = (apiUrl: string, code: string) =>
  HttpClientRequest.post(`${apiUrl.replace(/\/+$/, "")}/app-manifests/${encodeURIComponent(code)}/conversions`).pipe(
    HttpClientRequest.setHeaders({ accept: "application/vnd.github+json", "user-agent": "dispatcher" }),
    HttpClient.execute,
    Effect.flatMap(HttpClientResponse.filterStatusOk),
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Conversion)),
    // The answer holds secrets, so none of it is repeated.
    Effect.mapError(
      ({ _tag }) => new CommandFailed({ message: `GitHub did not hand out the App (${_tag}); start again` })
    ),
    Effect.provide(FetchHttpClient.layer)
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

/** Registers the App and writes the file. */
export const setup = Effect.fn("cli.setup")(function* (options: SetupOptions) {
  yield* refuseToOverwrite(options)
  const state = randomBytes(16).toString("hex")
  const { url, code } = yield* SetupPage.serve(state, (address) => ({
    action: registrationUrl(options.apiUrl, options.organization, state),
    manifest: manifestOf({ ...options, redirectUrl: `${address}/callback` })
  }))
  yield* Console.log(`Open ${paint("bold", url)} in a browser on this machine and confirm on GitHub; Ctrl-C gives up.`)
  const given = yield* Effect.timeoutOrElse(code, {
    duration: patience,
    orElse: () => Effect.fail(new CommandFailed({ message: "nobody confirmed within an hour; start again" }))
  })
  const app = yield* convert(options.apiUrl, given)
  const text = yield* readEnvFile(options.file)
  yield* writeEnvFile(options.file, withVariables(text, valuesOf(app, options.apiUrl)))
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
    file: Flag.String("env-file").pipe(Flag.withDescription("The file to write"), Flag.withDefault(".env")),
    replace: Flag.Boolean("replace").pipe(
      Flag.withDescription("Replace the App that the file has already"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* ({ webhookUrl, org, name, file, replace }) {
    const { GITHUB_API_URL: apiUrl } = yield* environment({ GITHUB_API_URL: variables.GITHUB_API_URL })
    const organization = Option.getOrUndefined(org)
    const wanted = Option.getOrElse(name, () => `${organization ?? "my"}-dispatcher-${randomBytes(2).toString("hex")}`)
    yield* setup({ organization, webhookUrl, name: wanted, apiUrl, file, replace })
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
