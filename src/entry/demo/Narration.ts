/** What the demo does, and what must come of it: the deliveries in order, each with its expected results. */
import type { CompletedRun } from "../../sandbox/WorkflowRunEvent.ts"

/** How a target is expected to end: its result, and the code of the reason; or that the run of a repository is ignored. */
export type Ending = readonly [target: string, result: "dispatched" | "denied" | "failed" | "ignored", code?: string]

/** One thing that happens on GitHub. */
export interface Episode {
  readonly title: string
  /** What completes; undefined: the first episode's delivery is sent again. */
  readonly run: CompletedRun | undefined
  /** Another event than `workflow_run`. */
  readonly event?: string
  /** How many copies GitHub sends at once. */
  readonly copies?: number
  /** What the service answers GitHub. */
  readonly answers: string
  /** Every target that is decided about. */
  readonly endings: ReadonlyArray<Ending>
}

/** Whose runs the episodes are about. */
export const shop = { repository: "acme/shop", workflow: "ci.yml" } as const

/** How the chain of the first episode's run ends: the states of what was started, by repository. */
export const chainEnds = {
  "acme/deploy": "succeeded",
  "acme/flaky": "succeeded",
  "acme/smoke": "failed",
  "partner/portal": "succeeded"
} as const

/** The episodes, in order. */
export const story: ReadonlyArray<Episode> = [
  {
    title: "ci.yml of acme/shop succeeds on main",
    run: shop,
    answers: "accepted",
    endings: [
      ["acme/deploy cd.yml", "dispatched"],
      ["partner/portal refresh.yml", "dispatched"],
      ["acme/payments cd.yml", "denied", "inbound_not_allowed"],
      ["acme/flaky cd.yml", "dispatched"],
      ["acme/ghost cd.yml", "denied", "target_unreachable"],
      ["acme/legacy removed.yml", "failed", "not_found"]
    ]
  },
  {
    title: "GitHub delivers the same thing five times more",
    run: undefined,
    copies: 5,
    answers: "accepted",
    endings: []
  },
  {
    title: "ci.yml fails",
    run: { ...shop, conclusion: "failure" },
    answers: "accepted",
    endings: [["acme/shop", "ignored"]]
  },
  {
    title: "ci.yml succeeds for a pull request of a fork, from its branch main",
    run: { ...shop, event: "pull_request", fork: "stranger/shop" },
    answers: "accepted",
    endings: [["acme/shop", "ignored"]]
  },
  {
    title: "a push, which is no event that the service acts on",
    run: shop,
    event: "push",
    answers: "ignored",
    endings: []
  }
]
