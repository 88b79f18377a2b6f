/**
 * The contract of `dispatching.yml`: what a repository starts (`outbound`) and whom it lets in (`inbound`).
 *
 * This is the decoded, normalised form that the rules work on: workflow files without folder and ref, every rule with the
 * place it was written at. `ConfigFile.ts` makes it from text and says precisely what is wrong with text that is not one.
 */
import type { WorkflowFile } from "./Names.ts"
import type { Conclusion } from "./SourceRun.ts"

/** Where a rule stands: `outbound[0].targets[1]`, and the line (from 1) in the file. */
export interface RulePlace {
  readonly path: string
  readonly line: number
}

/** One target of an outbound rule. */
export interface OutboundTarget {
  readonly place: RulePlace
  /** `name` (same owner as the source) or `owner/name`, as written. */
  readonly repository: string
  readonly workflow: WorkflowFile
  /** Branch or tag, `@default`, or undefined for `DEFAULT_DISPATCH_REF`. */
  readonly ref: string | undefined
  /** Input templates by input name. */
  readonly inputs: ReadonlyMap<string, string>
  /** Whether what becomes of the target never fails the run's check. */
  readonly optional: boolean
}

/** What a source starts. Undefined lists mean the documented default. */
export interface OutboundRule {
  readonly place: RulePlace
  readonly source: {
    readonly workflow: WorkflowFile
    readonly branches: ReadonlyArray<string> | undefined
    readonly conclusions: ReadonlyArray<Conclusion> | undefined
    readonly events: ReadonlyArray<string> | undefined
    /** What becomes of a run that is older than the newest one planned for the same rule and branch; undefined: what becomes of any other. */
    readonly stale: "skip" | undefined
  }
  readonly targets: ReadonlyArray<OutboundTarget>
  /** Whether a run that the rule is not about gets a check run all the same, which says so; undefined: it gets none. */
  readonly check: "always" | undefined
}

/** One workflow that an inbound rule opens. */
export interface InboundTarget {
  readonly place: RulePlace
  readonly workflow: WorkflowFile
  readonly acceptInputs: ReadonlySet<string>
  /** Patterns of refs on which it may be started; undefined: any. */
  readonly refs: ReadonlyArray<string> | undefined
}

/** Whom a target lets in. */
export interface InboundRule {
  readonly place: RulePlace
  readonly source: {
    /** `name` (the *target's own* owner) or `owner/name`; `*` may stand in the name, never in the owner. */
    readonly repository: string
    readonly workflow: WorkflowFile
    /** The id of the one repository that may bear this name, as digits; undefined: the one that was first let in under it. */
    readonly id: string | undefined
    /** Patterns of source branches; undefined: any. */
    readonly branches: ReadonlyArray<string> | undefined
  }
  readonly targets: ReadonlyArray<InboundTarget>
}

/** A decoded `dispatching.yml`. */
export interface DispatchingConfig {
  readonly outbound: ReadonlyArray<OutboundRule>
  readonly inbound: ReadonlyArray<InboundRule>
}

/** Something wrong with a `dispatching.yml`; line and column count from 1. */
export interface ConfigIssue {
  readonly line: number
  readonly column: number
  /** Where in the document, such as `outbound[0].targets[1].workflow`; empty for the file as a whole. */
  readonly path: string
  /** What was found and what was expected, in one sentence. */
  readonly message: string
}

/** Something that a valid `dispatching.yml` could say better. */
export type ConfigAdvice = Pick<ConfigIssue, "line" | "message">

/** What would make a valid config safer. */
export const adviceOn = ({ inbound }: DispatchingConfig): ReadonlyArray<ConfigAdvice> =>
  inbound
    .filter(
      ({ source: { repository, id } }) => id === undefined && repository.includes("/") && !repository.includes("*")
    )
    .map(({ place: { line }, source: { repository } }) => ({
      line,
      message: `${repository} is named by owner: if that is another owner than this repository's, add its id under source (id: …, from https://api.github.com/repos/${repository}), so that no later owner of the name is let in`
    }))

/** Where a config may live, in order of precedence. */
export const configPaths = ["dispatching.yml", ".github/dispatching.yml"] as const
/** One of {@link configPaths}. */
export type ConfigPath = (typeof configPaths)[number]

/** What the file is called by mistake, in the same places. */
export const misnamedPaths = ["dispatching.yaml", ".github/dispatching.yaml"] as const
/** One of {@link misnamedPaths}. */
export type MisnamedPath = (typeof misnamedPaths)[number]

/** What to do about a file of the wrong name. */
export const misnamedHint = (path: MisnamedPath): string =>
  `${path} is there, but is not read: rename it to ${path.replace(/yaml$/, "yml")}`

/** Why a repository could not be asked for its config. */
export type UnreachableReason = "not_found" | "not_installed" | "forbidden" | "unavailable"

/** The answer to "what is this repository's config": four different things that are never mixed up. */
export type ConfigAnswer =
  | {
      readonly _tag: "Found"
      readonly config: DispatchingConfig
      readonly path: ConfigPath
      readonly defaultBranch: string
    }
  | {
      readonly _tag: "Absent"
      /** What is there in its place, and what to do about it. */
      readonly hint?: string
    }
  | { readonly _tag: "Invalid"; readonly path: ConfigPath; readonly issues: ReadonlyArray<ConfigIssue> }
  | {
      readonly _tag: "Unreachable"
      readonly reason: UnreachableReason
      readonly message: string
      /** Whether asking again later may help. */
      readonly transient: boolean
    }
