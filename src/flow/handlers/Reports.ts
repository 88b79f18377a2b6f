/** Report queue → Report. */
import { each } from "../Handlers.ts"
import { report } from "../Report.ts"

/** Handles what is in the report queue. */
export const handleReports = each(report)
