/** Counts what goes to GitHub and to the queues, for the invocation that sends it. */
import { Effect, Layer } from "effect"
import { configQuery, configVariables } from "../../src/adapters/github/ConfigQuery.ts"
import { OrderQueue, PlanQueue, ReportQueue } from "../../src/flow/Queues.ts"
import { Checks } from "../../src/ports/Checks.ts"
import { ConfigSource } from "../../src/ports/ConfigSource.ts"
import { Reports } from "../../src/ports/Reports.ts"
import { Workflows } from "../../src/ports/Workflows.ts"
import type { WorkQueue } from "../../src/ports/WorkQueue.ts"
import { did } from "./Work.ts"

type Kind = "rest" | "dispatches" | "graphql"

/** The request, counted, with its body. What asks about a run or a commit names that in its address, and then says the rest. */
const asks =
  <A extends ReadonlyArray<unknown>, B, E, R>(
    kind: Kind,
    ask: (...args: A) => Effect.Effect<B, E, R>,
    bodyOf: (...args: A) => unknown = (...args) => args.slice(1)
  ) =>
  (...args: A): Effect.Effect<B, E, R> =>
    Effect.andThen(
      did((work) => {
        work[kind] += 1
        work.sentBytes += Buffer.byteLength(JSON.stringify(bodyOf(...args)))
      }),
      ask(...args)
    )

/**
 * What is asked of GitHub. A load of configs is one request of GraphQL for each installation, here one. The first deliveries are not counted, so the process
 * remembers what a source asks for: an instance of the planner asks twice for the first delivery of each source.
 */
export const layerGitHub = Layer.mergeAll(
  Layer.effect(
    Checks,
    Effect.map(Checks, ({ create, update, find }) => ({
      create: asks("rest", create),
      update: asks("rest", update),
      find: asks("rest", find)
    }))
  ),
  Layer.effect(
    Reports,
    Effect.map(Reports, (reports) => ({
      create: asks("rest", reports.create),
      update: asks("rest", reports.update),
      comment: asks("rest", reports.comment),
      findIssue: asks("rest", reports.findIssue),
      findComments: asks("rest", reports.findComments),
      isOnlyOurs: asks("rest", reports.isOnlyOurs),
      close: asks("rest", reports.close)
    }))
  ),
  Layer.effect(
    Workflows,
    Effect.map(Workflows, ({ start, findStarted, ending }) => ({
      start: asks("dispatches", start, ({ target, inputs }) => ({ ref: target.ref, inputs, return_run_details: true })),
      findStarted: asks("rest", findStarted),
      ending: asks("rest", ending)
    }))
  ),
  Layer.effect(
    ConfigSource,
    Effect.map(ConfigSource, ({ load }) => ({
      load: asks("graphql", load, (repositories, { owner }) => ({
        query: configQuery(repositories.length),
        variables: configVariables(owner, repositories)
      }))
    }))
  )
)

const sending = <A>(queue: WorkQueue<A>): WorkQueue<A> => ({
  ...queue,
  offer: (messages) =>
    Effect.andThen(
      did((work) => {
        if (messages.length > 0) work.sends += 1
      }),
      queue.offer(messages)
    )
})

/** What is offered to queues. */
export const layerOffers = Layer.mergeAll(
  Layer.effect(PlanQueue, Effect.map(PlanQueue, sending)),
  Layer.effect(OrderQueue, Effect.map(OrderQueue, sending)),
  Layer.effect(ReportQueue, Effect.map(ReportQueue, sending))
)
