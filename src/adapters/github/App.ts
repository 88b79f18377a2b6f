/**
 * Who we are to GitHub: the App's id and key, and where GitHub is. What it is called there, GitHub says itself (GitHubApp.ts).
 *
 * The settings come from the environment (`layerConfig`) or from a plain object (`layer`: the demo, tests, secrets that
 * were fetched). Either way the key has been checked when the service exists.
 */
import { Config, Context, Effect, Layer, Redacted, Result, Schema, SchemaIssue, SchemaTransformation } from "effect"
import { fixed, type Renewed } from "../../ports/Renewed.ts"
import { parsePrivateKey } from "./PrivateKey.ts"

/** https://docs.github.com/en/rest/about-the-rest-api/api-versions: pinned, so that answers keep their form. */
export const apiVersion = "2022-11-28"

/** The App that everything is done as. */
export class App extends Context.Service<
  App,
  {
    readonly id: number
    /** PKCS#8 PEM. It may change while the process runs. */
    readonly privateKey: Renewed<Redacted.Redacted<string>>
    /** Base of REST addresses, without a slash at the end. */
    readonly apiUrl: string
    /** Base of `/graphql`: as REST, but on Enterprise Server `/api` where REST is `/api/v3`. */
    readonly graphqlBaseUrl: string
  }
>()("dispatcher/adapters/github/App") {}

/** The settings as people give them. */
export interface AppOptions {
  readonly id: number
  /** PEM, PKCS#1 or PKCS#8, with real or spelled-out (`\n`) line ends; or PKCS#8 that is read again now and then. */
  readonly privateKey: Redacted.Redacted<string> | Renewed<Redacted.Redacted<string>>
  /** Default: https://api.github.com. Enterprise Server: `https://HOST/api/v3`. */
  readonly apiUrl?: string
}

/** The private key cannot be used; the message never holds any of it. */
export class PrivateKeyError extends Schema.TaggedError<PrivateKeyError>()("PrivateKeyError", {
  message: Schema.String
}) {}

const make = (
  options: Pick<AppOptions, "id" | "apiUrl">,
  privateKey: Renewed<Redacted.Redacted<string>>
): App["Service"] => {
  const apiUrl = (options.apiUrl ?? "https://api.github.com").replace(/\/+$/, "")
  return {
    id: options.id,
    privateKey,
    apiUrl,
    graphqlBaseUrl: apiUrl.replace(/\/api\/v3$/, "/api")
  }
}

/** The key in PKCS#8, from what people store. */
export const privateKeyOf = (
  pem: Redacted.Redacted<string>
): Effect.Effect<Redacted.Redacted<string>, PrivateKeyError> =>
  Effect.fromResult(parsePrivateKey(Redacted.value(pem))).pipe(
    Effect.mapError((problem) => new PrivateKeyError({ message: `the GitHub App's private key ${problem}` }))
  )

/** From a plain object; fails if the key is not one. */
export const layer = (options: AppOptions): Layer.Layer<App, PrivateKeyError> => {
  const { privateKey } = options
  return Layer.effect(
    App,
    Redacted.isRedacted(privateKey)
      ? Effect.map(privateKeyOf(privateKey), (key) => make(options, fixed(key)))
      : Effect.succeed(make(options, privateKey))
  )
}

const refuse = (variable: string, problem: string) =>
  Effect.fail(
    new Config.ConfigError(
      new Schema.SchemaError(new SchemaIssue.Pointer([variable], new SchemaIssue.InvalidValue({ message: problem })))
    )
  )

const appId = Schema.String.check(
  Schema.isPattern(/^[1-9][0-9]{0,14}$/, {
    expected: "the App's numeric id, such as 123456, from the App's page, General"
  })
).pipe(Schema.decodeTo(Schema.Int, SchemaTransformation.numberFromString))

const privateKey = Config.Redacted("GITHUB_APP_PRIVATE_KEY").pipe(
  Config.mapEffect((text) =>
    Result.match(parsePrivateKey(Redacted.value(text)), {
      onSuccess: Effect.succeed,
      onFailure: (problem) => refuse("GITHUB_APP_PRIVATE_KEY", `the value ${problem}`)
    })
  )
)

const apiUrl = Config.URL("GITHUB_API_URL").pipe(
  Config.withDefault(new URL("https://api.github.com")),
  Config.mapEffect((url) =>
    /^https?:$/.test(url.protocol) && url.search === "" && url.username === ""
      ? Effect.succeed(url.href)
      : refuse("GITHUB_API_URL", "Expected an http(s) address without query and credentials")
  )
)

/** One `Config` for each setting, so that a start that fails can name every problem at once. */
export const variables = {
  id: Config.schema(appId, "GITHUB_APP_ID"),
  privateKey,
  apiUrl
} as const

/** From the environment: `GITHUB_APP_ID`, `GITHUB_APP_PRIVATE_KEY`, `GITHUB_API_URL`. */
export const layerConfig: Layer.Layer<App, Config.ConfigError> = Layer.effect(
  App,
  Effect.map(Config.all(variables), (options) => make(options, fixed(options.privateKey)))
)
