/** Keyboards, phones, and the dark. */
import { assert, describe, it } from "@effect/vitest"
import type { Locator, Page } from "playwright-core"
import type { Desk, Subject } from "../Desk.ts"
import { hasFocus, journey, queryOf, root, rows, scrollsSideways, settled, textOf } from "../Parts.ts"

const sourceFilter = (page: Page) => page.getByRole("combobox", { name: "Source repository" })
const phone = { viewport: { width: 360, height: 740 } }
const background = (page: Page): Promise<string> =>
  root(page).evaluate((html) => html.ownerDocument.defaultView.getComputedStyle(html).backgroundColor)

export const everybody = ({ open }: Desk<Subject>): void => {
  describe("everybody", () => {
    it("works without a pointer: skip link, slash, choosing", async () => {
      const { page } = await open()
      await settled(page)
      await page.keyboard.press("Tab")
      assert.strictEqual(await textOf(page.locator(":focus")), "Skip to the content")
      await page.keyboard.press("/")
      assert.isTrue(await hasFocus(sourceFilter(page)))
      await page.keyboard.press("ArrowDown")
      await page.keyboard.press("ArrowDown")
      const chosen = await textOf(page.getByRole("listbox").getByRole("option", { selected: true }))
      await page.keyboard.press("Enter")
      await settled(page)
      assert.strictEqual(queryOf(page).get("source"), chosen)
    })

    it("fits a phone: nothing scrolls sideways, in no view", async () => {
      const compared = "?view=trends&compare=source:acme/shop,source:acme/docs"
      for (const query of ["", "?view=trends", "?view=events", "?view=topology", "?view=explain", compared]) {
        const { page } = await open(query, phone)
        await settled(page)
        assert.isFalse(await scrollsSideways(page), query)
      }
    })

    it("fits a tablet: nothing scrolls sideways, no cell runs into the next one, and no tile is missing in a row", async () => {
      for (const width of [760, 1000]) {
        for (const query of ["", "?view=trends", "?view=events", "?view=topology", "?view=explain"]) {
          const { page } = await open(query, { viewport: { width, height: 1024 } })
          await settled(page)
          assert.isFalse(await scrollsSideways(page), `${query} ${width}`)
          const cells = page.locator("table.list :is(th, td)")
          const running = await cells.evaluateAll((all) =>
            all.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.textContent)
          )
          assert.deepStrictEqual(running, [], `${query} ${width}`)
        }
      }
      for (const width of [phone.viewport.width, 768]) {
        const { page } = await open("", { viewport: { width, height: 1024 } })
        await settled(page)
        const rightOf = async (part: Locator) => {
          const { x, width } = (await part.boundingBox()) ?? assert.fail("it is not drawn")
          return Math.round(x + width)
        }
        const tiles = page.locator(".figures")
        assert.approximately(await rightOf(tiles.locator(".tile").last()), await rightOf(tiles), 1, `${width}`)
      }
    })

    it("leaves no room below a chart or its table where the card beside it is longer", async () => {
      for (const width of [1280, 1600]) {
        const { page } = await open("", { viewport: { width, height: 900 } })
        await settled(page)
        const card = page.locator(".at-throughput")
        const bottomOf = async (part: Locator) => {
          const { y, height } = (await part.boundingBox()) ?? assert.fail("it is not drawn")
          return y + height
        }
        const padding = 20
        const roomBelow = async () => (await bottomOf(card)) - (await bottomOf(card.locator(".legend")))
        assert.isBelow(await roomBelow(), padding, `chart, ${width}`)
        assert.isBelow((await bottomOf(card.locator(".legend"))) - (await bottomOf(card.locator(".uplot"))), 60)
        await card.getByText("Table", { exact: true }).click()
        await card.locator(".chart-table").waitFor()
        assert.isBelow(await roomBelow(), padding, `table, ${width}`)
      }
    })

    it("on a phone filters unfold, and a journey has the whole screen", async () => {
      const { page } = await open("", phone)
      assert.isFalse(await sourceFilter(page).isVisible())
      await page.getByRole("button", { name: "Filters" }).click()
      assert.isTrue(await sourceFilter(page).isVisible())
      await rows(page).locator(".opener").first().click()
      await journey(page).locator(".timeline").first().waitFor()
      assert.strictEqual((await journey(page).boundingBox())?.width, phone.viewport.width)
      assert.isFalse(await scrollsSideways(page))
    })

    it("is printed light and whole, an open journey alone", async () => {
      const { page } = await open("", { colorScheme: "dark" })
      await settled(page)
      await page.emulateMedia({ media: "print" })
      assert.strictEqual(await background(page), "rgb(255, 255, 255)")
      assert.isFalse(await page.locator(".topbar").isVisible())
      await page.emulateMedia({ media: "screen" })
      await rows(page).locator(".opener").last().click()
      await journey(page).locator(".timeline").first().waitFor()
      await page.setViewportSize({ width: 760, height: 300 })
      await page.emulateMedia({ media: "print" })
      assert.isFalse(await page.locator("main").isVisible())
      const end = await journey(page).locator(".drawer-body").boundingBox()
      const whole = await journey(page)
        .locator(".drawer-body")
        .evaluate(({ scrollHeight }) => scrollHeight)
      assert.isAtLeast(end?.height ?? 0, whole)
      assert.isAbove(whole, 300)
    })

    it("is dark where the device is, or as the viewer wants it, and stays so", async () => {
      const { page } = await open("", { colorScheme: "dark" })
      const dark = await background(page)
      await page.getByRole("button", { name: /^Colours/ }).click()
      const light = await background(page)
      assert.notStrictEqual(light, dark)
      await page.reload()
      assert.strictEqual(await background(page), light)
    })
  })
}
