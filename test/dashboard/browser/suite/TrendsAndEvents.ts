/** Comparing, ranking, finding events, and taking away what is shown. */
import { assert, describe, it } from "@effect/vitest"
import type { Desk, Subject } from "../Desk.ts"
import { choose, exported, journey, queryOf, recent, rows, settled, textOf, tile } from "../Parts.ts"

export const trendsAndEvents = ({ open }: Desk<Subject>): void => {
  describe("trends and events", () => {
    it("two repositories stand side by side after three clicks", async () => {
      const { page } = await open()
      await page.getByRole("link", { name: "Trends" }).click()
      const compare = page.getByRole("button", { name: /^Compare / })
      await compare.nth(0).click()
      await compare.nth(1).click()
      await page.locator(".wings").waitFor()
      await page.getByRole("region", { name: "Side by side" }).locator("canvas").waitFor()
      assert.lengthOf(queryOf(page).get("compare")?.split(",") ?? [], 2)
    })

    it("rankings change, and a chart is also a table whose times lead to their events", async () => {
      const { page } = await open("?view=trends")
      await choose(page, "Versions")
      await page.getByRole("columnheader", { name: "Version" }).waitFor()
      await page.getByRole("region", { name: "Outcomes" }).getByLabel("Table").check({ force: true })
      await page.locator(".chart-table tbody button").first().click()
      assert.strictEqual(queryOf(page).get("view"), "events")
      assert.match(queryOf(page).get("from") ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    })

    it("times to dispatch are a picture over time, and a table", async () => {
      const { page } = await open("?view=trends&range=7d")
      const card = page.getByRole("region", { name: "Time to dispatch" })
      await card.locator("canvas").waitFor()
      assert.match(await textOf(card.locator(".quantiles")), /p50.*p95.*p99.*max/)
      await card.getByLabel("Table").check({ force: true })
      assert.deepStrictEqual(await card.getByRole("columnheader").allTextContents(), ["Time", "p50", "p95", "p99"])
      assert.match(await textOf(card.locator("tbody")), /\d m?s/)
    })

    it("results of started runs are a picture over time, and a table with the legend's numbers", async () => {
      const { page } = await open("?view=trends")
      const card = page.getByRole("region", { name: "Results of started runs" })
      await card.locator("canvas").waitFor()
      const names = ["Succeeded", "Unsuccessful", "Running", "Lost"]
      const number = (text: string) => Number(text.replaceAll(",", ""))
      const legend = (await card.locator(".legend b").allTextContents()).map(number)
      await card.getByLabel("Table").check({ force: true })
      assert.deepStrictEqual(await card.getByRole("columnheader").allTextContents(), ["Time", ...names])
      for (const [index, total] of legend.entries()) {
        const cells = await card.locator(`tbody td:nth-child(${index + 2})`).allTextContents()
        assert.strictEqual(
          cells.reduce((sum, cell) => sum + number(cell), 0),
          total,
          names[index]
        )
      }
      assert.isTrue(legend.some((total) => total > 0))
      await page.getByRole("region", { name: "Time to the end" }).waitFor()
    })

    it("a ranking shows how dispatching went or how the started runs ended, and one has those first that fail", async () => {
      const { page } = await open("?view=trends")
      const card = page.getByRole("region", { name: "Ranking" })
      const heads = card.getByRole("columnheader")
      await card.getByRole("columnheader", { name: "Denied" }).waitFor()
      assert.notInclude(await heads.allTextContents(), "Unsuccessful")
      await choose(page, "Started runs")
      await card.getByRole("columnheader", { name: "Unsuccessful" }).waitFor()
      assert.notInclude(await heads.allTextContents(), "Denied")
      await choose(page, "Results")
      await card.getByRole("columnheader", { name: "Target" }).waitFor()
      assert.strictEqual(queryOf(page).get("ranking"), "results")
      const failing = (await card.locator("tbody td:nth-child(5)").allTextContents()).map(Number)
      assert.isNotEmpty(failing)
      assert.deepStrictEqual(
        failing,
        failing.toSorted((a, b) => b - a)
      )
    })

    it("a click into a chart leads to the events of that time", async () => {
      const { page } = await open()
      await page.locator(".plot .u-over").click()
      assert.strictEqual(queryOf(page).get("view"), "events")
      assert.isNotNull(queryOf(page).get("to"))
    })

    it("below the last event it stands for how long events are listed", async () => {
      const end = "Events are listed for 30 days"
      const { page } = await open("?view=events")
      await page.getByRole("button", { name: "Show older" }).waitFor()
      assert.strictEqual(await page.getByText(end).count(), 0)
      await page.goto(`${page.url()}&status=unknown&range=7d`)
      await page.locator(".more p", { hasText: end }).waitFor()
    })

    it("older events are one click away, in order", async () => {
      const { page } = await open("?view=events")
      await settled(page)
      const before = await rows(page).count()
      await page.getByRole("button", { name: "Show older" }).click()
      await rows(page).nth(before).waitFor()
      const times = await rows(page)
        .locator("time")
        .evaluateAll((all) => all.map((time) => time.getAttribute("datetime")))
      assert.deepStrictEqual(times, times.toSorted().toReversed())
    })

    it("a run is found by what people have at hand", async () => {
      const { page } = await open("?view=events")
      const first = rows(page).filter({ has: page.locator(".pill.is-dispatched") })
      await first.first().locator(".opener").click()
      const branch = await textOf(journey(page).locator(".branch span").first())
      await page.keyboard.press("Escape")
      await page.getByRole("searchbox", { name: "Find a run" }).fill(branch)
      await page.getByRole("searchbox", { name: "Find a run" }).press("Enter")
      const found = page.getByRole("region", { name: "Found runs" })
      await found.locator("tbody tr").first().waitFor()
      assert.deepStrictEqual([queryOf(page).get("by"), queryOf(page).get("find")], ["branch", branch])
      assert.strictEqual(await textOf(found.locator("tbody .branch span").first()), branch)
      await found.locator(".opener").first().click()
      await journey(page).locator(".timeline").first().waitFor()
    })

    it("tile, legend and table of a window say the same numbers", async () => {
      const { page } = await open("?view=operations")
      await settled(page)
      const tiled = await textOf(tile(page, "Dispatched").locator("b"))
      const legend = page
        .getByRole("region", { name: "Throughput" })
        .locator(".legend button", { hasText: "Dispatched" })
      assert.strictEqual(await textOf(legend.locator("b")), tiled)
      await page.getByRole("region", { name: "Throughput" }).getByLabel("Table").check({ force: true })
      const cells = await page.locator(".chart-table tbody td:nth-child(2)").allTextContents()
      const total = cells.reduce((sum, cell) => sum + Number(cell.replaceAll(",", "")), 0)
      assert.strictEqual(total, Number(tiled.replaceAll(",", "")))
    })

    it("the view is exported as JSON and as CSV", async () => {
      const { page } = await open("?status=failed")
      await settled(page)
      const json = await exported(page, "This view as JSON")
      assert.match(json.name, /^dispatcher-operations-failed-24h-.*\.json$/)
      const { view, tables } = JSON.parse(json.text)
      assert.strictEqual(view, "?status=failed")
      assert.includeMembers(Object.keys(tables), ["Figures", "Events", "Outcomes over time", "Reasons"])
      assert.lengthOf(tables.Events, await recent(page).locator("tbody tr").count())
      const csv = await exported(page, "Events (CSV)")
      assert.match(csv.text, /^time,type,status,source,workflow,target,reason,message,delivery,url,id\r\n/)
    })
  })
}
