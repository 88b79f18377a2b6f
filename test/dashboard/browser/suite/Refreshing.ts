/** When the page asks again, and when it does not. The browser's clock is the test's. */
import { assert, describe, it } from "@effect/vitest"
import type { Page } from "playwright-core"
import type { Desk, Subject } from "../Desk.ts"
import { root, settled } from "../Parts.ts"

const hide = (page: Page): Promise<void> =>
  root(page).evaluate(({ ownerDocument }) => {
    Object.defineProperty(ownerDocument, "visibilityState", { configurable: true, get: () => "hidden" })
  })
const show = (page: Page): Promise<void> =>
  root(page).evaluate(({ ownerDocument }) => {
    delete ownerDocument.visibilityState
    ownerDocument.dispatchEvent(new Event("visibilitychange"))
  })

export const refreshing = ({ arrive, open, subject }: Desk<Subject>): void => {
  describe("refreshing", () => {
    it("asks again every 30 seconds, not while paused or hidden, and at once when seen again", async () => {
      const session = await (await open()).page.context().storageState()
      const { page, asked } = await arrive({ storageState: session })
      await page.clock.install()
      await page.goto(`${subject().url}/admin`)
      await settled(page)
      const isOfFigures = (request: string): boolean => request.startsWith("GET /trends")
      /** How often the figures are asked for after something is done. */
      const refreshes = async (act: () => Promise<void>): Promise<number> => {
        asked.length = 0
        await act()
        await settled(page)
        return asked.filter(isOfFigures).length
      }
      /** The same, where they are: the request comes when it comes. */
      const refreshesAfter = (act: () => Promise<void>): Promise<number> =>
        refreshes(async () => {
          const request = page.waitForRequest(/\/trends/)
          await act()
          await request
        })
      const pass = (seconds: number) => page.clock.runFor(seconds * 1_000)
      const press = (name: string) => page.getByRole("button", { name }).click()
      assert.strictEqual(await refreshesAfter(() => pass(31)), 1)
      await press("Pause automatic refresh")
      assert.strictEqual(await refreshes(() => pass(95)), 0)
      await press("Resume automatic refresh")
      assert.strictEqual(await refreshesAfter(() => pass(2)), 1)
      await hide(page)
      assert.strictEqual(await refreshes(() => pass(95)), 0)
      const seenAgain = async () => {
        await show(page)
        await pass(1)
      }
      assert.strictEqual(await refreshesAfter(seenAgain), 1)
      await press("Pause automatic refresh")
      assert.strictEqual(await refreshesAfter(() => press("Refresh now")), 1)
    })
  })
}
