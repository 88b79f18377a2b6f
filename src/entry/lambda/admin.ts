/** API Gateway → the dashboard: its page, and its API. Without `ADMIN_TOKEN` there is none. */
import { join } from "node:path"
import { Layer, type Redacted } from "effect"
import * as Dashboard from "../../dashboard/Dashboard.ts"
import * as DeadLetters from "../../flow/DeadLetters.ts"
import * as Replay from "../../flow/Replay.ts"
import * as Queries from "../../readmodel/Queries.ts"
import { layerHealth } from "../routes/Monitoring.ts"
import { layerStages } from "../SettingsLayers.ts"
import { functions } from "./Configuration.ts"
import { start } from "./Function.ts"
import * as HttpFunction from "./HttpFunction.ts"
import { layerConfigs, layerLedger, layerSqsQueues } from "./layers.ts"
import { fetched, layerRenewedToken } from "./Secrets.ts"

/** The page is beside the function. */
const folder = join(import.meta.dirname, "ui")

/** The dashboard, if there is a token to get in with. */
const layerDashboard = (token: Redacted.Redacted | undefined) =>
  token === undefined ? Layer.empty : Dashboard.layer({ folder }).pipe(Layer.provide(layerRenewedToken(token)))

/** The function, once it is made. */
export const ready = start({
  variables: functions.admin,
  secrets: fetched("adminToken", "privateKey"),
  layer: (values) =>
    HttpFunction.layer(Layer.mergeAll(layerHealth(), layerDashboard(values.ADMIN_TOKEN))).pipe(
      Layer.provide([Queries.layer, Replay.layer, DeadLetters.layer]),
      Layer.provide(layerSqsQueues()),
      Layer.provide([layerConfigs(values), layerStages(values)]),
      Layer.provide(layerLedger())
    )
}).then(HttpFunction.httpHandler)
