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
  /** Greatest depth of a chain: how many orders may lead from its root run to a started run, from 1. */
  readonly maxChainDepth: number
  /** Most starts of one chain besides those of its root run's own plan. */
  readonly maxChainStarts: number
  /** Most owners other than the source's in whose repositories one file starts anything. */
  readonly maxOtherOwners: number
}

/**
 * A plan is stored with its orders in one transaction of at most 100 writes (DynamoDB); the others are the plan, the chain's
 * starts and the newest run of the branch.
 */
export const maxTargetsLimit = 96

/** A ref that means "the default branch of the target". */
export const defaultBranchRef = "@default"
