/** Plan queue → Plan. */
import { each } from "../Handlers.ts"
import { plan } from "../Plan.ts"

/** Handles what is in the plan queue. */
export const handlePlans = each(plan)
