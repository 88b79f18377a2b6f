/**
 * Plans as the ledger keeps them: deflated, on top of the text that plans have in common. Decisions explain themselves in much the same words,
 * so one with an ordinary plan takes 0.7 KB in place of 4, 25 take 2.3 in place of 90, and the 500 of the largest config fit into an item.
 *
 * What was packed with a text can be unpacked with that alone, so this one stays as it is; a better one would get another attribute.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib"
import { Schema, SchemaTransformation } from "effect"
import { isComplete, Plan } from "../domain/Plan.ts"
import { usualChecks, usualRules } from "../domain/UsualChecks.ts"

/** The text of a plan with one target that is denied, and one that is allowed. */
const common = JSON.stringify({
  deliveryId: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
  acceptedAt: "2026-11-29T19:13:39.000Z",
  run: {
    repository: "acme/app",
    repositoryId: "1296269",
    ownerId: "9581",
    installationId: "957387",
    defaultBranch: "main",
    workflow: "ci.yml",
    runId: "30433642",
    attempt: 1,
    runNumber: 4821,
    createdAt: "2026-11-29T19:13:39Z",
    branch: "main",
    sha: "acb5820ced9479c074f688cc328bf03f341a511d",
    event: "push",
    conclusion: "success",
    actor: "octocat",
    url: "https://github.com/acme/app/actions/runs/30433642",
    fork: false,
    startedAt: "2026-11-29T19:13:39Z",
    updatedAt: "2026-11-29T19:13:39Z"
  },
  generation: 0,
  appVersion: "0.1.0",
  config: { _tag: "Found" },
  decisions: [
    { _tag: "Denied", denial: { code: "inbound_not_allowed", message: "No inbound rule lets it start" } },
    {
      _tag: "Allowed",
      target: { repository: "acme/deploy", workflow: "cd.yml", ref: "main" },
      outbound: usualRules.target,
      checks: usualChecks,
      inbound: usualRules.inbound,
      orderId: "1296269/30433642/1/acme/deploy/cd.yml"
    }
  ],
  chain: { root: "1296269/30433642/1", depth: 0, parent: null },
  plannedAt: "2026-11-29T19:13:39.000Z",
  pending: []
})

/** A value as deflated JSON text, in base64. */
const Packed = <S extends Schema.Constraint>(value: S, options: { readonly dictionary?: Buffer } = {}) =>
  Schema.String.pipe(
    Schema.decodeTo(
      Schema.fromJsonString(value),
      SchemaTransformation.transform({
        decode: (packed: string) => inflateRawSync(Buffer.from(packed, "base64"), options).toString(),
        encode: (json: string) => deflateRawSync(json, options).toString("base64")
      })
    )
  )

const StoredPlan = Schema.Struct({
  /** Whether every target has been decided about. */
  complete: Schema.Boolean,
  plan: Packed(Plan, { dictionary: Buffer.from(common) })
})
const EarlierPlan = Schema.Struct({
  ...Plan.fields,
  decisions: Packed(Plan.fields.decisions),
  pending: Packed(Plan.fields.pending)
})
/** `plan`. Earlier versions packed its decisions alone. */
export const PlanItem = Schema.Union([StoredPlan, EarlierPlan]).pipe(
  Schema.decodeTo(
    Schema.toType(Plan),
    SchemaTransformation.transform({
      decode: (stored): Plan => ("plan" in stored ? stored.plan : stored),
      encode: (plan): typeof StoredPlan.Type | typeof EarlierPlan.Type => ({ complete: isComplete(plan), plan })
    })
  )
)

const Stage = Schema.Struct({ complete: Schema.Boolean })
const EarlierStage = Schema.Struct({ pending: Packed(Schema.Array(Schema.Unknown)) })
/** How far a plan is, without its decisions. */
export const PlanStage = Schema.Union([Stage, EarlierStage]).pipe(
  Schema.decodeTo(
    Stage,
    SchemaTransformation.transform({
      decode: (stored): typeof Stage.Type =>
        "complete" in stored ? stored : { complete: stored.pending.length === 0 },
      encode: (stage): typeof Stage.Type | typeof EarlierStage.Type => stage
    })
  )
)
