/** What became of a source run so far, in a word. Pure. */
import { Schema } from "effect"
import { endStatuses } from "./FactTable.ts"

/**
 * It waits for a plan (`waiting`), its allowed targets wait (`open`), all went well (`done`), a target was denied, failed, withdrawn or is
 * unknown (`trouble`), or it ended without a plan.
 */
export const DeliveryStatus = Schema.Literals(["waiting", "open", "done", "trouble", ...endStatuses])
