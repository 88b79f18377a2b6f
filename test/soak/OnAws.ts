/** The service on AWS, in trouble: its built functions killed wherever they are, messages handed out twice, answers of AWS lost. */
import { Duration, Effect, Layer } from "effect"
import { always } from "../../src/testing/FaultScript.ts"
import * as Bundles from "../e2e/aws/Bundles.ts"
import { Cloud, cloud, requests } from "../e2e/aws/Cloud.ts"
import * as Emulators from "../e2e/aws/Emulators.ts"
import { backwards, batches, twice } from "../e2e/aws/Poller.ts"
import { lostEach } from "../e2e/Proxy.ts"
import { between } from "./Chance.ts"
import { atStart, type Blows, type How } from "./Chaos.ts"
import { fleetFor, type SoakOptions, soak } from "./Soak.ts"
import type { MakeWorld, Stores } from "./World.ts"

const blowsOf = ({ kill, faults }: Cloud["Service"], nextStart: Effect.Effect<void>): Blows => {
  const forAWhile = (how: How, ...bad: ReadonlyArray<Effect.Effect<void>>) =>
    Effect.all(bad, { discard: true }).pipe(
      Effect.andThen(Effect.sleep(Duration.millis(between(1000, 5000, how())))),
      Effect.andThen(faults.clear)
    )
  return {
    kill: { weight: 0.3, strike: () => Effect.sync(kill) },
    "kill at a start": {
      weight: 0.3,
      strike: (how) => Effect.andThen(atStart(nextStart, between(0, 40, how())), Effect.sync(kill))
    },
    "messages twice": {
      weight: 0.15,
      strike: (how) => forAWhile(how, faults.on(batches, always(backwards)), faults.on(batches, always(twice)))
    },
    "lost requests": {
      weight: 0.25,
      strike: (how) => {
        const steps = between(15, 60, how())
        return forAWhile(how, faults.on(requests, always(lostEach(steps))))
      }
    }
  }
}

const functions: MakeWorld<Cloud | Stores> = Effect.fnUntraced(function* ({ nextStart }) {
  const aws = yield* Cloud
  const stores = yield* Effect.context<Stores>()
  return {
    blows: blowsOf(aws, nextStart),
    // Each at once is a process of its own, which takes seconds to start on a busy machine; GitHub waits for ten.
    atOnce: 2,
    look: (question) => question.pipe(Effect.provideContext(stores), Effect.orDie),
    resume: Effect.void,
    crashes: () => 0,
    log: (words) =>
      Object.values(aws.functions)
        .flatMap(({ said }) => said().split("\n"))
        .filter((line) => words.some((word) => line.includes(word)))
  }
})

/** Soaks the built functions. Needs Java for DynamoDB Local. */
export const soakCloud = (options: SoakOptions) => {
  const fleet = fleetFor(options)
  return soak(options, fleet, functions).pipe(
    Effect.provide(cloud(fleet.scenario)),
    Effect.provide(Layer.merge(Bundles.layerSoak, Emulators.layer))
  )
}
