/** Signing in and out, and how soon there is something to see. */
import { assert, describe, it } from "@effect/vitest"
import type { Desk, Subject } from "../Desk.ts"
import { settled, textOf } from "../Parts.ts"
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

    it("shows data after one round of questions, of which none is asked twice", async () => {
      const { page, asked } = await open()
      await settled(page)
      asked.length = 0
      await page.reload()
      await page.locator(".figures .value").first().waitFor()
      await page.locator(".plot canvas").waitFor()
      await settled(page)
      assert.strictEqual(new Set(asked).size, asked.length, asked.join("\n"))
    })
  })
}
