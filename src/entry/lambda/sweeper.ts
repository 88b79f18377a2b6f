/** EventBridge's schedule, every 5 minutes → Sweep: what never arrived is redelivered. With `REDELIVERY_SWEEP=false` it does nothing. */
import { Effect, Layer } from "effect"
import * as Deliveries from "../../adapters/github/Deliveries.ts"
import { layerSettings } from "../../flow/Settings.ts"
import { sweep } from "../../flow/Sweep.ts"
import * as Redeliveries from "../../ledger/Redeliveries.ts"
import { layerApp } from "../SettingsLayers.ts"
import { functions } from "./Configuration.ts"
import { type Invocation, start } from "./Function.ts"
import { layerDynamoTable, layerFactBus } from "./layers.ts"
import { fetched } from "./Secrets.ts"

const sweeper = await start({
  variables: functions.sweeper,
  secrets: fetched("privateKey"),
  layer: (values) =>
    Layer.mergeAll(
      Redeliveries.layer.pipe(Layer.provide(layerDynamoTable())),
      layerFactBus(),
      Deliveries.layer.pipe(Layer.provide(layerApp(values))),
      layerSettings({ appVersion: values.APP_VERSION })
    )
})
const isOn = functions.sweeper.REDELIVERY_SWEEP

/** The function. A sweep that fails fails the invocation, for the alarm's sake; the next one catches up. */
export const handler = (_: unknown, invocation: Invocation) =>
  sweeper.run(Effect.asVoid(Effect.flatMap(isOn, (on) => (on ? sweep() : Effect.void))), invocation)
