/** Points the SDK's clients at a server of the test. */
import { Layer } from "effect"
import { AwsEndpoint } from "../../../../src/adapters/aws/AwsClient.ts"

/** Emulators take any credentials. */
export const at = (endpoint: string): Layer.Layer<never> =>
  Layer.succeed(AwsEndpoint, {
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" }
  })
