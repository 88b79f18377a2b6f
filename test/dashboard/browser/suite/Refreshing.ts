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
      /** How often the figures are asked for while seconds pass, after something was done. */
      const refreshes = async (seconds: number, first?: (page: Page) => Promise<void>): Promise<number> => {
        asked.length = 0
        await first?.(page)
        await page.clock.runFor(seconds * 1_000)
        await settled(page)
        return asked.filter((request) => request.startsWith("GET /trends")).length
      }
      assert.strictEqual(await refreshes(31), 1)
      await page.getByRole("button", { name: "Pause automatic refresh" }).click()
      assert.strictEqual(await refreshes(95), 0)
      await page.getByRole("button", { name: "Resume automatic refresh" }).click()
      assert.strictEqual(await refreshes(2), 1)
      assert.strictEqual(await refreshes(95, hide), 0)
      assert.strictEqual(await refreshes(1, show), 1)
      await page.getByRole("button", { name: "Pause automatic refresh" }).click()
      asked.length = 0
      await page.getByRole("button", { name: "Refresh now" }).click()
      await settled(page)
      assert.isTrue(asked.some((request) => request.startsWith("GET /trends")))
    })
  })
}
