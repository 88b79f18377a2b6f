/** From a failing repository to what happened there, rule by rule, and to trying again. */
import { assert, describe, it } from "@effect/vitest"
import type { Desk, Subject } from "../Desk.ts"
import { hasFocus, journey, queryOf, repositories, rows, settled, textOf } from "../Parts.ts"

export const journeys = ({ open }: Desk<Subject>): void => {
  describe("journeys", () => {
    it("a failing repository's journey is three clicks away", async () => {
      const { page } = await open()
      const failing = repositories(page).filter({ has: page.locator(".rate.is-bad") })
      const failed = rows(page).filter({ has: page.locator(".pill.is-failed") })
      // What the stub made lately differs with the time of day: one of them has a failure among its latest deliveries.
      for (let index = 0; index < (await failing.count()); index++) {
        await failing.nth(index).click()
        await settled(page)
        if ((await failed.count()) > 0) break
        await page.goBack()
        await settled(page)
      }
      await failed.first().locator(".opener").click()
      await journey(page).locator(".step.is-failed").first().waitFor()
      assert.isNotNull(queryOf(page).get("journey"))
    })

    it("shows each decision rule by rule, with links to GitHub, under the target that it is about", async () => {
      const { page } = await open()
      const mixed = rows(page)
        .filter({ has: page.locator(".pill.is-denied") })
        .filter({ has: page.locator(".pill.is-dispatched") })
      await mixed.first().locator(".opener").click()
      const denied = journey(page).locator(".step.is-denied").first()
      await denied.waitFor()
      assert.match(await textOf(denied.locator(".is-refused")), /found.*expected/)
      const headings = await journey(page).locator(".of-target h3 .repository").allTextContents()
      assert.strictEqual(new Set(headings).size, headings.length)
      assert.isAbove(headings.length, 1)
      for (const link of await journey(page).locator("a").all()) {
        assert.match((await link.getAttribute("href")) ?? "", /^(https?:|\?(chain|journey|view)=)/)
      }
      const rule = journey(page).locator(".checks .rule a").first()
      assert.match((await rule.getAttribute("href")) ?? "", /\/blob\/HEAD\/.*dispatching\.yml#L\d+$/)
    })

    it("shows consent that was withdrawn: who withdrew, and that both sides had agreed", async () => {
      const { page } = await open()
      await page.getByRole("combobox", { name: "Status" }).selectOption("withdrawn")
      await rows(page).locator(".opener").first().click()
      const withdrawn = journey(page).locator(".step.is-withdrawn").first()
      await withdrawn.waitFor()
      assert.match(await textOf(withdrawn.locator(".because")), /consent was withdrawn.*No inbound rule: .*any more/)
      assert.strictEqual(await withdrawn.locator(".is-refused").count(), 0)
    })

    it("of a run that started others leads to its chain", async () => {
      const { page } = await open()
      const started = rows(page).filter({ has: page.locator(".pill.is-dispatched") })
      await started.first().locator(".opener").click()
      await journey(page).getByText("What it started").waitFor()
      await journey(page).getByRole("link", { name: "Chain" }).click()
      await journey(page).waitFor({ state: "detached" })
      await page.getByRole("treeitem").first().waitFor()
      assert.match(queryOf(page).get("chain") ?? "", /^\d+\/\d+\/\d+$/)
    })

    it("Escape closes it, and the focus is where it was", async () => {
      const { page } = await open()
      const opener = rows(page).locator(".opener").first()
      await opener.focus()
      await page.keyboard.press("Enter")
      await journey(page).locator(".timeline").first().waitFor()
      await page.keyboard.press("Escape")
      await journey(page).waitFor({ state: "detached" })
      await page.waitForURL(({ searchParams }) => !searchParams.has("journey"))
      assert.isTrue(await hasFocus(opener))
    })

    it("the back button closes it too", async () => {
      const { page } = await open()
      await rows(page).locator(".opener").first().click()
      await journey(page).waitFor()
      await page.goBack()
      await journey(page).waitFor({ state: "detached" })
    })

    it("a replay asks first, and then says what happened", async () => {
      const { page, asked } = await open()
      await rows(page).locator(".opener").first().click()
      const replay = journey(page).getByRole("button", { name: "Replay" })
      await replay.click()
      const question = page.getByRole("dialog", { name: /^Replay/ })
      await question.getByRole("button", { name: "Cancel" }).click()
      assert.isFalse(asked.some((request) => request.startsWith("POST")))
      await replay.click()
      const sent = page.waitForRequest((request) => request.method() === "POST")
      await question.getByRole("button", { name: "Replay" }).click()
      assert.strictEqual(await (await sent).headerValue("x-requested-with"), "dispatcher")
      await page.getByText(/Replay \d+ was asked for/).waitFor()
    })
  })
}
