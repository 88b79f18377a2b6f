/**
 * Decoders of the server's answers. Generated from the schemas by scripts/build-decoders.ts: not to be edited, but made again by
 * npm run build:page.
 */
import type { SentAnswers } from "./Answers.ts"
import {
  type Decoder,
  decodeRecord,
  flag,
  list,
  nullable,
  number,
  oneOf,
  optional,
  struct,
  tagged,
  text,
  typedOrOther
} from "./Decode.ts"

const counts = struct({
  accepted: number,
  planned: number,
  ignored: number,
  invalid: number,
  unreachable: number,
  queued: number,
  dispatched: number,
  denied: number,
  failed: number,
  withdrawn: number,
  unknown: number,
  completed: number,
  lost: number,
  replayed: number,
  redelivered: number,
  unplanned: number,
  targets: number,
  open: number,
  tried: number,
  running: number,
  succeeded: number,
  unsuccessful: number
})
const quantiles = struct({ p50: nullable(number), p95: nullable(number), p99: nullable(number), max: nullable(number) })
const scope = tagged("_tag", {
  Global: struct({}),
  Source: struct({ repository: text }),
  Target: struct({ repository: text }),
  Workflow: struct({ repository: text, workflow: text }),
  Pair: struct({ source: text, target: text }),
  Version: struct({ version: text })
})
const deliveryRow = struct({
  deliveryId: text,
  acceptedAt: text,
  source: text,
  sourceRepositoryId: text,
  workflow: text,
  runId: text,
  attempt: number,
  runNumber: nullable(number),
  branch: nullable(text),
  actor: nullable(text),
  conclusion: nullable(text),
  runUrl: nullable(text),
  status: text,
  message: nullable(text),
  counts: counts
})
const target = struct({ repository: text, workflow: text, ref: text })
const rule = struct({ repository: text, file: text, path: text, line: number })
const check = struct({ name: text, passed: flag, expected: text, actual: text, rule: optional(rule) })
const skipped = struct({ rule: rule, check: check, message: text })
const config = tagged("_tag", {
  Found: struct({}),
  Absent: struct({ hint: optional(text) }),
  Invalid: struct({ file: text, issues: list(struct({ line: number, column: number, path: text, message: text })) }),
  Unreachable: struct({ message: text })
})
const chainNode = struct({
  run: text,
  root: text,
  depth: number,
  parent: nullable(text),
  cause: nullable(text),
  deliveryId: text,
  acceptedAt: text,
  repository: text,
  workflow: text,
  branch: nullable(text),
  runId: text,
  attempt: number,
  url: nullable(text),
  conclusion: nullable(text),
  status: text,
  message: nullable(text),
  states: struct({ failed: number, open: number, running: number, refused: number, unseen: number, succeeded: number }),
  edges: list(
    struct({
      orderId: text,
      target: target,
      state: text,
      status: text,
      since: text,
      reason: nullable(text),
      message: nullable(text),
      started: nullable(struct({ id: text, url: text })),
      result: nullable(
        tagged("_tag", {
          Completed: struct({
            conclusion: nullable(text),
            attempt: number,
            completedAt: text,
            duration: nullable(number)
          }),
          Lost: struct({ message: text })
        })
      )
    })
  ),
  moreEdges: number
})
const connection = struct({
  source: struct({ repository: text, workflow: text }),
  target: struct({ repository: text, workflow: text }),
  run: text,
  acceptedAt: text,
  decision: text,
  ref: text,
  state: text,
  status: text,
  since: text,
  reason: nullable(text),
  message: nullable(text),
  started: nullable(struct({ id: text, url: text })),
  result: nullable(
    tagged("_tag", {
      Completed: struct({ conclusion: nullable(text), attempt: number, completedAt: text, duration: nullable(number) }),
      Lost: struct({ message: text })
    })
  ),
  counts: struct({
    allowed: number,
    denied: number,
    dispatched: number,
    failed: number,
    withdrawn: number,
    unknown: number,
    succeeded: number,
    unsuccessful: number,
    running: number
  })
})

/** The decoder of each answer. */
export const decoders: { readonly [Name in keyof SentAnswers]: Decoder<SentAnswers[Name]> } = {
  health: struct({
    status: text,
    reasons: list(struct({ code: text, message: text })),
    asOf: nullable(text),
    lastFactAt: nullable(text),
    successRate: nullable(number),
    backlog: struct({ unplanned: number, unsettled: number }),
    stalled: list(
      struct({
        kind: text,
        deliveryId: text,
        source: text,
        workflow: text,
        target: nullable(text),
        count: number,
        since: text
      })
    ),
    moreStalled: number,
    queues: list(struct({ name: text, waiting: number, inFlight: number, dead: number, oldest: nullable(number) }))
  }),
  trend: struct({
    scope: scope,
    window: oneOf("15m", "1h", "24h", "7d", "30d", "90d"),
    asOf: text,
    from: text,
    to: text,
    granularity: oneOf("minute", "hour", "day"),
    total: struct({
      scope: scope,
      window: oneOf("15m", "1h", "24h", "7d", "30d", "90d"),
      asOf: text,
      from: text,
      to: text,
      counts: counts,
      previous: counts,
      successRate: nullable(number),
      previousSuccessRate: nullable(number),
      elapsed: quantiles,
      resultRate: nullable(number),
      previousResultRate: nullable(number),
      completion: quantiles,
      reasons: list(struct({ code: text, count: number }))
    }),
    points: list(struct({ at: text, counts: counts, elapsed: quantiles, completion: quantiles }))
  }),
  leaderboard: struct({
    ranking: oneOf("sources", "targets", "workflows", "versions", "movers", "results"),
    window: oneOf("15m", "1h", "24h", "7d"),
    asOf: text,
    page: number,
    pages: number,
    total: number,
    rows: list(
      struct({
        scope: scope,
        counts: counts,
        previous: counts,
        successRate: nullable(number),
        p95: nullable(number),
        resultRate: nullable(number),
        completion: quantiles,
        topReason: nullable(text),
        change: number
      })
    )
  }),
  choices: struct({
    sources: list(text),
    targets: list(text),
    moreSources: flag,
    moreTargets: flag,
    statuses: list(text),
    types: list(text),
    windows: list(text),
    searches: list(list(text))
  }),
  deliveryPage: struct({ rows: list(deliveryRow), cursor: nullable(text) }),
  eventPage: struct({
    rows: list(
      struct({
        id: text,
        type: text,
        status: text,
        time: text,
        deliveryId: text,
        source: text,
        workflow: text,
        target: nullable(text),
        reason: nullable(text),
        message: nullable(text),
        url: nullable(text)
      })
    ),
    cursor: nullable(text),
    days: number
  }),
  foundPage: struct({
    rows: list(
      struct({
        deliveryId: text,
        acceptedAt: text,
        source: text,
        sourceRepositoryId: text,
        workflow: text,
        runId: text,
        attempt: number,
        runNumber: nullable(number),
        branch: nullable(text),
        actor: nullable(text),
        sha: text,
        runUrl: text
      })
    ),
    cursor: nullable(text)
  }),
  journey: struct({
    row: nullable(deliveryRow),
    facts: list(
      typedOrOther(
        {
          "dispatch.request.accepted": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              branch: nullable(text),
              sha: text,
              event: text,
              conclusion: nullable(text),
              actor: nullable(text),
              runUrl: text,
              runNumber: optional(number),
              appVersion: optional(text)
            })
          }),
          "dispatch.request.ignored": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              reason: text,
              skipped: optional(list(skipped)),
              moreSkipped: optional(number)
            })
          }),
          "dispatch.config.invalid": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              file: text,
              line: number,
              message: text,
              problems: number
            })
          }),
          "dispatch.config.unreachable": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              message: text
            })
          }),
          "dispatch.plan.created": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              allowed: number,
              denied: number,
              skipped: optional(list(skipped)),
              moreSkipped: optional(number)
            })
          }),
          "dispatch.target.denied": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              target: target,
              orderId: optional(text),
              code: text,
              message: text,
              checks: list(check)
            })
          }),
          "dispatch.target.queued": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              target: target,
              orderId: optional(text),
              checks: list(check)
            })
          }),
          "dispatch.trigger.succeeded": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              target: target,
              orderId: optional(text),
              started: nullable(struct({ id: text, url: text })),
              elapsed: number
            })
          }),
          "dispatch.trigger.failed": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              target: target,
              orderId: optional(text),
              code: text,
              message: text
            })
          }),
          "dispatch.trigger.withdrawn": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              target: target,
              orderId: optional(text),
              code: text,
              message: text
            })
          }),
          "dispatch.trigger.unknown": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              target: target,
              orderId: optional(text),
              message: text
            })
          }),
          "dispatch.run.completed": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              target: target,
              orderId: optional(text),
              started: struct({ id: text, url: text }),
              conclusion: nullable(text),
              startedAttempt: number,
              completedAt: text,
              duration: nullable(number),
              elapsed: number
            })
          }),
          "dispatch.run.lost": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              target: target,
              orderId: optional(text),
              started: struct({ id: text, url: text }),
              message: text
            })
          }),
          "dispatch.report.published": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              issue: nullable(struct({ number: number, url: text }))
            })
          }),
          "dispatch.replay.requested": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              by: text
            })
          }),
          "dispatch.delivery.redelivered": struct({
            specversion: text,
            id: text,
            source: text,
            subject: text,
            time: text,
            datacontenttype: text,
            appversion: text,
            traceparent: optional(text),
            data: struct({
              deliveryId: text,
              sourceRepository: text,
              sourceRepositoryId: text,
              sourceWorkflow: text,
              runId: text,
              attempt: number,
              acceptedAt: text,
              generation: number,
              chain: optional(struct({ root: text, depth: number, parent: nullable(text) })),
              asked: number
            })
          })
        },
        struct({
          specversion: text,
          id: text,
          source: text,
          subject: text,
          time: text,
          datacontenttype: text,
          appversion: text,
          traceparent: optional(text),
          data: struct({
            deliveryId: text,
            sourceRepository: text,
            sourceRepositoryId: text,
            sourceWorkflow: text,
            runId: text,
            attempt: number,
            acceptedAt: text,
            generation: number,
            chain: optional(struct({ root: text, depth: number, parent: nullable(text) }))
          })
        })
      )
    ),
    more: flag,
    chain: nullable(chainNode)
  }),
  chain: struct({ nodes: list(chainNode), cursor: nullable(text) }),
  connectionPage: struct({ connections: list(connection), cursor: nullable(text) }),
  neighbours: struct({
    starts: list(connection),
    startedBy: list(connection),
    moreStarts: flag,
    moreStartedBy: flag,
    known: flag
  }),
  explanation: struct({
    run: struct({ repository: text, workflow: text, branch: text, conclusion: text, event: text, fork: flag }),
    config: config,
    workflows: list(text),
    skipped: list(skipped),
    targets: list(
      struct({
        decision: tagged("_tag", {
          Allowed: struct({
            target: target,
            outbound: rule,
            checks: list(check),
            optional: optional(flag),
            inbound: rule,
            orderId: text
          }),
          Denied: struct({
            target: target,
            outbound: rule,
            checks: list(check),
            optional: optional(flag),
            denial: struct({ code: text, message: text })
          })
        }),
        inputs: nullable(decodeRecord(text))
      })
    ),
    configs: list(struct({ repository: text, config: config }))
  }),
  replayed: struct({ deliveryId: text, generation: number }),
  unsupported: struct({ _tag: oneOf("UnsupportedSearch"), message: text, supported: list(list(text)) })
}
