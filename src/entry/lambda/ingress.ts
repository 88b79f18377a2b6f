/** API Gateway → Receive: GitHub's webhooks, and `/health`. It needs SQS and the webhook secret, and nothing else. */
import { Layer } from "effect"
import * as SqsClient from "../../adapters/aws/sqs/SqsClient.ts"
import * as SqsQueue from "../../adapters/aws/sqs/SqsQueue.ts"
import { layerSettings } from "../../flow/Settings.ts"
import * as SignatureWatch from "../../flow/SignatureWatch.ts"
import { layerHealth } from "../routes/Monitoring.ts"
import * as Webhook from "../routes/Webhook.ts"
import { functions } from "./Configuration.ts"
import { start } from "./Function.ts"
import * as HttpFunction from "./HttpFunction.ts"
import { fetched, layerRenewedSecrets } from "./Secrets.ts"

/** The function, once it is made. */
export const ready = start({
  variables: functions.ingress,
  secrets: fetched("webhookSecret"),
  layer: (values) =>
    HttpFunction.layer(Layer.mergeAll(Webhook.layer, layerHealth())).pipe(
      Layer.provide(SqsQueue.layerPlan.pipe(Layer.provide(SqsClient.layer))),
      Layer.provide([
        SignatureWatch.layerLogged,
        layerSettings({ appVersion: values.APP_VERSION }),
        layerRenewedSecrets(values)
      ])
    )
}).then(HttpFunction.httpHandler)
