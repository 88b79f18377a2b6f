/** What happens in the made-up chains of 2, 20 and 200 runs. */

/** What becomes of a target: a conclusion of its run, or why there is none. `acme/payments` lets no source in. */
export type End = "success" | "failure" | "cancelled" | "running" | "open" | "unstartable" | "deleted"
/** A target of a run, and what follows. */
export interface Step {
  readonly repository: string
  readonly workflow?: string
  readonly end?: End
  /** What its run starts in turn. */
  readonly starts?: ReadonlyArray<Step>
}

const step = (repository: string, end: End, ...starts: ReadonlyArray<Step>): Step => ({ repository, end, starts })
const regions = ["eu-central", "eu-west", "us-east", "us-west"]

/** The chain's size is in its name: how many runs and targets it has, the first run among them. */
export const plans = {
  two: step("shop", "success", step("deploy", "running")),
  twenty: step(
    "shop",
    "success",
    step("deploy-staging", "success", step("qa-suite", "success", step("deploy-production", "failure"))),
    step("docs", "success"),
    step("portal", "running"),
    step("payments", "open"),
    step("mobile-bff", "success", step("app-store", "open"), step("play-store", "unstartable")),
    step("search-api", "success", ...regions.map((region) => step(`search-${region}`, "success"))),
    step("recommendations-and-personalisation-service", "deleted"),
    step("infra-live", "success", step("status-page", "cancelled"), step("notifications", "running")),
    step("design-system", "success")
  ),
  twoHundred: step(
    "platform-base-image",
    "success",
    ...Array.from({ length: 39 }, (_, index) =>
      step(
        `service-${index + 1}`,
        index === 21 ? "running" : index === 30 ? "failure" : "success",
        ...(index === 21 || index === 30
          ? []
          : Array.from({ length: index < 12 ? 5 : 4 }, (_, place) =>
              step(
                `service-${index + 1}-${regions[place] ?? "edge"}`,
                index === 7 && place === 2 ? "failure" : "success"
              )
            ))
      )
    )
  )
} satisfies Record<string, Step>
/** Names of the chains. */
export type ChainSize = keyof typeof plans
