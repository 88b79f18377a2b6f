/**
 * Two versions of the functions behind one alias, as while a deployment shifts traffic (infrastructure/deploy/shift.sh): this one, and the next,
 * which is made of the same sources with something changed in what it stores and sends.
 */
import type { SQSBatchResponse, SQSEvent } from "aws-lambda"
import { Effect } from "effect"
import { type FunctionName, functionNames } from "../../../scripts/build-lambda.ts"
import { otherVersion } from "./Bundles.ts"
import type { Deployment } from "./Cloud.ts"
import { type LambdaFunction, lambda } from "./Functions.ts"

/** In all that the next version stores and sends. */
const mark = "addedLater"

/** Adds a field to each message, fact and item, and reads it where there is one. */
const anotherField = {
  "src/flow/Queues.ts": [
    [/^const aboutFields = \{/m, `$&${mark}: Schema.optionalKey(Schema.String),`],
    [/^ +\.\.\.Acceptance\.fields,/m, `$&${mark}: Schema.optionalKey(Schema.String),`]
  ],
  "src/queue/QueueFromStore.ts": [[/JSON\.stringify\(body\)/, `JSON.stringify({ ...body, ${mark}: "message" })`]],
  "src/domain/Fact.ts": [
    [/^const journey = \{/m, `$&${mark}: Schema.optionalKey(Schema.String),`],
    [/^ +data: \{\n/m, `$&${mark}: "fact",`]
  ],
  "src/ledger/Items.ts": [[/Schema\.encodeSync\(schema\)\(value\)/, `({ ...$&, ${mark}: "item" })`]],
  "src/readmodel/Items.ts": [[/=> value as Attributes/, `=> ({ ...value, ${mark}: "item" }) as Attributes`]]
} as const

/** Sends messages of another version, and facts in another form, which this version cannot read, and reads both. */
const anotherMessage = {
  "src/flow/FactMessages.ts": [
    [/^const type = "dispatch\.facts"$/m, 'const type = "dispatch.facts.2"'],
    [
      /Schema\.Literal\(type\),/,
      `Schema.Literals(["dispatch.facts", type]), ${mark}: Schema.optionalKey(Schema.String),`
    ],
    [/message\.type === type$/m, '["dispatch.facts", type].includes(message.type)'],
    [/^ {4}type,$/m, `type, ${mark}: "message",`]
  ],
  "src/flow/Queues.ts": [[/^const version = .*$/m, "const version = Schema.Literals([1, messageVersion])"]],
  "src/queue/MessageDecoder.ts": [[/^export const messageVersion = 1$/m, "export const messageVersion = 2"]],
  "src/queue/QueueFromStore.ts": [
    [/JSON\.stringify\(body\)/, `JSON.stringify({ ...body, version: 2, ${mark}: "message" })`]
  ]
} as const

/** The next versions that there are. */
export const nextVersions = { anotherField, anotherMessage }

/** What one version of a function has done. */
interface Work {
  /** Invocations that ended well. */
  answered: number
  /** Messages that were done with, by the version that sent them. */
  readonly done: Record<Version, number>
}
const versions = ["this", "next"] as const
type Version = (typeof versions)[number]

/** The names of the queues that a function's messages were in, each with what either version has done. */
type WorkByQueue = Map<string, Record<Version, Work>>

const noWork = (): Record<Version, Work> => ({
  this: { answered: 0, done: { this: 0, next: 0 } },
  next: { answered: 0, done: { this: 0, next: 0 } }
})

/** The queue of an event: `order` of `arn:aws:sqs:us-east-1:000000000000:order-1a2b3c4d.fifo` */
export const queueOf = (event: unknown): string | undefined =>
  (event as Partial<SQSEvent>).Records?.[0]?.eventSourceARN.split(":").at(-1)?.split("-")[0]

const note = (work: Work, event: Partial<SQSEvent>, answer: unknown): void => {
  work.answered += 1
  const failed = new Set((answer as SQSBatchResponse).batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier))
  for (const { messageId, body } of event.Records ?? []) {
    if (!failed.has(messageId)) work.done[body.includes(mark) ? "next" : "this"] += 1
  }
}

/** Both versions of all functions, and what they have done. */
export interface Shifted {
  readonly deploy: Deployment["deploy"]
  readonly kill: (version: Version) => void
  /** By queue, or by the function's name for other events. */
  readonly work: WorkByQueue
}

const nameOf = (bundle: string): FunctionName =>
  functionNames.find((name) => bundle.endsWith(`/${name}/index.mjs`)) ?? "ingress"

/** Aliases that give every second event of a function to the next version. */
export const shifted = (next: keyof typeof nextVersions): Effect.Effect<Shifted> =>
  Effect.gen(function* () {
    const files = yield* otherVersion(next, nextVersions[next])
    const all: Record<Version, Array<LambdaFunction>> = { this: [], next: [] }
    const work: WorkByQueue = new Map()

    const deploy: Shifted["deploy"] = Effect.fnUntraced(function* (bundle, environment) {
      const name = nameOf(bundle)
      const versionsOf = {
        this: yield* lambda(bundle, { ...environment, APP_VERSION: "this" }),
        next: yield* lambda(files[name], { ...environment, APP_VERSION: "next" })
      }
      for (const version of versions) all[version].push(versionsOf[version])
      let count = 0
      return {
        invoke: (event, remaining) =>
          Effect.suspend(() => {
            const version = versions[count++ % 2] ?? "this"
            const about = queueOf(event) ?? name
            const works = work.get(about) ?? noWork()
            work.set(about, works)
            return Effect.tap(versionsOf[version].invoke(event, remaining), (answer) =>
              Effect.sync(() => note(works[version], event as Partial<SQSEvent>, answer))
            )
          }),
        kill: () => {
          for (const each of Object.values(versionsOf)) each.kill()
        },
        said: () => versions.map((version) => `${version}: ${versionsOf[version].said()}`).join("\n")
      }
    })
    return {
      deploy,
      work,
      kill: (version) => {
        for (const each of all[version]) each.kill()
      }
    }
  })
