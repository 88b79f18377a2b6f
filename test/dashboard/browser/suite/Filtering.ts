/** One set of filters that every widget follows, clicked together and kept in the URL. */
import { assert, describe, it } from "@effect/vitest"
import type { Desk, Subject } from "../Desk.ts"
import { choose, queryOf, recent, repositories, settled, textOf, tile } from "../Parts.ts"

export const filtering = ({ open }: Desk<Subject>): void => {
  describe("filtering", () => {
    it("a click on a repository filters every widget, and the URL says so", async () => {
      const { page, asked } = await open()
      const source = await textOf(repositories(page).first().locator(".repository"))
      asked.length = 0
      await repositories(page).first().click()
      await settled(page)
      assert.strictEqual(queryOf(page).get("source"), source)
      for (const path of ["/trends", "/deliveries"]) {
        const request = asked.find((one) => one.startsWith(`GET ${path}?`))
        assert.include(request, `source=${encodeURIComponent(source)}`)
      }
      const shown = await recent(page).locator("tbody .repository").allTextContents()
      assert.deepStrictEqual([...new Set(shown)], [source])
    })

    it("the URL brings the view back; the back button undoes; a reset clears", async () => {
      const { page } = await open()
      await tile(page, "Failed").click()
      await choose(page, "1h")
      await settled(page)
      const shared = page.url()
      await page.reload()
      await page.locator(".tile .value").first().waitFor()
      assert.strictEqual(page.url(), shared)
      assert.strictEqual(await tile(page, "Failed").getAttribute("aria-pressed"), "true")
      await page.goBack()
      assert.deepStrictEqual([...queryOf(page)], [["status", "failed"]])
      await page.getByRole("button", { name: "Reset" }).click()
      assert.strictEqual(new URL(page.url()).search, "")
    })

    it("a reason shows its events", async () => {
      const { page } = await open()
      await page.getByRole("region", { name: "Failures and denials" }).locator("button").first().click()
      await settled(page)
      assert.isNotNull(queryOf(page).get("reason"))
      assert.include(await textOf(recent(page).locator("h2")), "events")
      assert.isAbove(await recent(page).locator("tbody tr").count(), 0)
    })

    it("filters that no index serves are explained, and one click makes them work", async () => {
      const { page } = await open("?view=events&source=acme/shop&target=acme/deploy&status=failed")
      const explanation = page.getByText("These filters cannot be combined")
      await explanation.waitFor()
      await page
        .getByRole("button", { name: /^Only / })
        .first()
        .click()
      await explanation.waitFor({ state: "detached" })
      assert.lengthOf([...queryOf(page).keys()], 3)
    })
  })
}
