/** What the Explain view asks, and the decoder of the answer: `domain/Explanation.ts`, as far as the page shows it. */
import type { RuleRef } from "../../../domain/Decision.ts"
import type { WorkflowFile } from "../../../domain/Names.ts"
import type { Target } from "../../../domain/Order.ts"
import type { SourceConfig } from "../../../domain/Plan.ts"
import type { Conclusion } from "../../../domain/SourceRun.ts"
import { conclusionNames } from "../format/Words.ts"
import {
  branded,
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
  text
} from "./Decode.ts"
import { type CheckView, checks, decodeSkippedRules, rule, type SkippedView, target } from "./Facts.ts"
import { repository } from "./Scopes.ts"

/** A question: a run that has not happened, and texts that take the place of configs on GitHub. */
export interface ExplainBody {
  readonly run: {
    readonly repository: string
    readonly workflow: string
    readonly branch?: string
    readonly conclusion?: Conclusion
    readonly event?: string
    readonly fork?: boolean
  }
  readonly configs?: Readonly<Record<string, string>>
  readonly defaultBranch?: string
}

interface Decided {
  readonly target: Target
  readonly outbound: RuleRef
  readonly checks: ReadonlyArray<CheckView>
}
/** A decision; its code is kept as text, so that a newer server's denials are shown too. */
export type DecisionView =
  | (Decided & { readonly _tag: "Allowed" })
  | (Decided & { readonly _tag: "Denied"; readonly denial: { readonly code: string; readonly message: string } })

export interface TargetView {
  readonly decision: DecisionView
  readonly inputs: Readonly<Record<string, string>> | null
}
export type ConfigView = SourceConfig
/** A place where a config is not as it should be. */
export type ConfigIssueView = Extract<SourceConfig, { readonly _tag: "Invalid" }>["issues"][number]

export interface ExplanationView {
  readonly run: {
    readonly repository: string
    readonly workflow: string
    readonly branch: string
    readonly conclusion: Conclusion
    readonly event: string
    readonly fork: boolean
  }
  readonly config: ConfigView
  readonly workflows: ReadonlyArray<string>
  readonly skipped: ReadonlyArray<SkippedView>
  readonly targets: ReadonlyArray<TargetView>
  readonly configs: ReadonlyArray<{ readonly repository: string; readonly config: ConfigView }>
}

const decided = { target, outbound: rule, checks }
const decision = tagged<DecisionView>("_tag", {
  Allowed: struct<Extract<DecisionView, { _tag: "Allowed" }>>({ _tag: oneOf<"Allowed">(["Allowed"]), ...decided }),
  Denied: struct<Extract<DecisionView, { _tag: "Denied" }>>({
    _tag: oneOf<"Denied">(["Denied"]),
    ...decided,
    denial: struct<{ code: string; message: string }>({ code: text, message: text })
  })
})

type Config<Tag extends ConfigView["_tag"]> = Extract<ConfigView, { readonly _tag: Tag }>
const config = tagged<ConfigView>("_tag", {
  Found: struct<Config<"Found">>({ _tag: oneOf<"Found">(["Found"]) }),
  Absent: struct<Config<"Absent">>({ _tag: oneOf<"Absent">(["Absent"]), hint: optional(text) }),
  Invalid: struct<Config<"Invalid">>({
    _tag: oneOf<"Invalid">(["Invalid"]),
    file: text,
    issues: list(struct<ConfigIssueView>({ line: number, column: number, path: text, message: text }))
  }),
  Unreachable: struct<Config<"Unreachable">>({ _tag: oneOf<"Unreachable">(["Unreachable"]), message: text })
})

export const explanation: Decoder<ExplanationView> = struct<ExplanationView>({
  run: struct<ExplanationView["run"]>({
    repository,
    workflow: branded<WorkflowFile>(),
    branch: text,
    conclusion: oneOf(conclusionNames),
    event: text,
    fork: flag
  }),
  config,
  workflows: list(branded<WorkflowFile>()),
  skipped: decodeSkippedRules,
  targets: list(struct<TargetView>({ decision, inputs: nullable(decodeRecord(text)) })),
  configs: list(struct<ExplanationView["configs"][number]>({ repository, config }))
})
