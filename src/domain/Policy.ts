/** What the operator of the service decides for all repositories, whatever their `dispatching.yml` says. */

/** Settings that the rules obey; see the configuration table in the README. */
export interface Policy {
  /** Ref for targets that name none; `@default` means the target's default branch. */
  readonly defaultRef: string
  /** Patterns of repositories whose runs may start anything; undefined: all. */
  readonly sourceAllowlist: ReadonlyArray<string> | undefined
  /** Patterns of repositories in which anything may be started; undefined: all. */
  readonly targetAllowlist: ReadonlyArray<string> | undefined
  /** Most target workflows of one run, 1 to {@link maxTargetsLimit}. */
  readonly maxTargets: number
}

/** A plan is stored with its orders in one transaction of at most 100 writes (DynamoDB); two are the plan and the run's progress. */
export const maxTargetsLimit = 98

/** A ref that means "the default branch of the target". */
export const defaultBranchRef = "@default"
