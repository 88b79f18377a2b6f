/**
 * What people do with the dashboard, in a real browser, against any server that keeps the contract: the stub beside this file, or the real
 * one. Names are taken from the page, so all that the server must hold is deliveries of today by two sources or more: one with a failed
 * target, one with a withdrawn one, one with a denied and a dispatched target, and more events than fit on one page (25).
 */
import { describe } from "@effect/vitest"
import { hasChromium, skipNotice } from "./Chromium.ts"
import { makeDesk, type Subject } from "./Desk.ts"
import { everybody } from "./suite/Everybody.ts"
import { explaining } from "./suite/Explaining.ts"
import { filtering } from "./suite/Filtering.ts"
import { journeys } from "./suite/Journeys.ts"
import { refreshing } from "./suite/Refreshing.ts"
import { signingIn } from "./suite/SigningIn.ts"
import { trendsAndEvents } from "./suite/TrendsAndEvents.ts"

const topics = [signingIn, filtering, journeys, refreshing, trendsAndEvents, explaining, everybody]

/** Runs the whole suite against a server that `start` starts. */
export const dashboardSuite = (name: string, start: () => Promise<Subject>): void => {
  describe.skipIf(!hasChromium)(`the dashboard in a browser, ${name}${skipNotice}`, () => {
    const desk = makeDesk(start)
    for (const topic of topics) topic(desk)
  })
}
