/**
 * What the SDK's clients have in common. Each service that we use has a module of its own with its client, so that a bundle holds only
 * the clients that it needs.
 *
 * Region, credentials and endpoints (`AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_SQS`, …) are found by the SDK itself.
 */
import { Context, Effect } from "effect"
import { nodeAgentOptions, Proxies } from "../Proxies.ts"

/** Where AWS is and who we are, other than the environment says: for tests. */
export interface AwsEndpoint {
  readonly endpoint?: string
  readonly region?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}
export const AwsEndpoint = Context.Reference<AwsEndpoint>("dispatcher/adapters/aws/AwsEndpoint", {
  defaultValue: () => ({})
})

/** One attempt per request, because `AwsCall.ts` repeats; connections are kept, and making one may take a second. */
const common = (proxies: Proxies) => {
  const agent = { keepAlive: true, maxSockets: 128, ...nodeAgentOptions(proxies) }
  return { maxAttempts: 1, requestHandler: { connectionTimeout: 1000, httpAgent: agent, httpsAgent: agent } } as const
}

/** A client that lives as long as its scope. @internal */
export const makeAwsClient = <C extends { readonly destroy: () => void }>(
  make: (options: ReturnType<typeof common> & AwsEndpoint) => C
) =>
  Effect.acquireRelease(
    Effect.map(Effect.all([AwsEndpoint, Proxies]), ([whereabouts, proxies]) =>
      make({ ...common(proxies), ...whereabouts })
    ),
    (client) => Effect.sync(() => client.destroy())
  )
