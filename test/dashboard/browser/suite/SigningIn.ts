/** Signing in and out, and how soon there is something to see. */
import { assert, describe, it } from "@effect/vitest"
import type { Desk, Subject } from "../Desk.ts"
import { textOf } from "../Parts.ts"
import { signIn } from "../Visit.ts"

export const signingIn = ({ arrive, open, subject }: Desk<Subject>): void => {
  describe("signing in", () => {
    it("asks for the token, says when it is wrong, and goes on to the shared view", async () => {
      const { page } = await arrive()
      await page.goto(`${subject().url}/admin?source=acme/shop&range=1h`)
      await signIn(page, "some other token")
      assert.include(await textOf(page.getByRole("alert")), "not the admin token")
      await signIn(page, subject().token)
      await page.locator("#content").waitFor()
      assert.strictEqual(new URL(page.url()).search, "?source=acme/shop&range=1h")
    })

    it("signing out ends the session", async () => {
      const { page } = await arrive()
      await page.goto(`${subject().url}/admin`)
      await signIn(page, subject().token)
      await page.getByRole("button", { name: "Sign out" }).click()
      await page.getByLabel("Admin token").waitFor()
      await page.goto(`${subject().url}/admin`)
      await page.getByLabel("Admin token").waitFor()
    })

    it("shows data within a second", async () => {
      const { page } = await open()
      const times: Array<number> = []
      for (let time = 0; time < 3; time++) {
        await page.reload({ waitUntil: "commit" })
        await page.locator(".figures .value").first().waitFor()
        await page.locator(".plot canvas").waitFor()
        times.push(await page.evaluate<number>("performance.now()"))
      }
      assert.isBelow(Math.min(...times), 1_000)
    })
  })
}
