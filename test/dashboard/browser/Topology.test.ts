/** The topology in a browser, with 2, 20 and 300 repositories: by pointer, by keyboard, on a phone, and when it cannot be shown. */
import { afterEach, assert, describe, it } from "@effect/vitest"
import type { Locator, Page } from "playwright-core"
import { hasChromium, skipNotice } from "./Chromium.ts"
import { makeDesk } from "./Desk.ts"
import { exported, hasFocus, journey, queryOf, scrollsSideways, textOf } from "./Parts.ts"
import { startStub } from "./StubServer.ts"
import type { TopologySize } from "./StubTopology.ts"

const phone = { viewport: { width: 360, height: 740 } }
const cards = (page: Page): Locator => page.locator(".chain-card")
const cardOf = (page: Page, repository: string, place = 0): Locator =>
  cards(page)
    .filter({ has: page.locator(`.chain-where[title="${repository}"]`) })
    .nth(place)
const boxOf = (page: Page, repository: string): Locator => page.locator(`.graph-box[data-name="${repository}"]`)
const spotOf = async (part: Locator) => (await part.boundingBox()) ?? assert.fail("it is not drawn")
const focused = (page: Page): Promise<string> => textOf(page.locator(":focus .chain-where, :focus .chain-fold").first())

describe.skipIf(!hasChromium)(`the topology in a browser${skipNotice}`, () => {
  const { open, subject: stub } = makeDesk(startStub)
  afterEach(() => stub().behave("usual"))
  const openTopology = async (size: TopologySize, query: string, options = {}) => {
    stub().connect(size)
    const visitor = await open(`?view=topology${query}`, options)
    await visitor.page
      .locator(".chain-card, .graph-box, .connection-row, .empty")
      .first()
      .waitFor({ state: "attached" })
    return visitor
  }

  it("of one repository: who starts it on the left, what it starts on the right, two steps both ways, denied ones apart", async () => {
    const { page, asked } = await openTopology("twenty", "&around=ACME/Platform")
    await cardOf(page, "acme/qa-suite").waitFor()
    const [before, first] = [
      await spotOf(cardOf(page, "acme/toolchain")),
      await spotOf(cardOf(page, "acme/base-image"))
    ]
    const [centre, after] = [
      await spotOf(page.locator(".is-centre")),
      await spotOf(cardOf(page, "acme/deploy-staging"))
    ]
    assert.isBelow(first.x + first.width, centre.x)
    assert.strictEqual(before.x, first.x)
    assert.isAbove(after.x, centre.x + centre.width)
    assert.isAbove((await spotOf(cardOf(page, "acme/qa-suite"))).x, after.x + after.width)
    assert.isBelow((await spotOf(cardOf(page, "acme/toolchain", 1))).x, first.x)
    // Five second steps on the left, five on the right, one of which is of a repository that was asked about on the left.
    assert.lengthOf(new Set(asked.filter((request) => request.startsWith("GET /topology/"))), 10)
    await page.getByRole("button", { name: "To those that are not let in" }).click()
    assert.strictEqual(await focused(page), "umbrella/scanner")
    assert.match(await textOf(page.locator(":focus .topology-heading")), /^Want in and are not let in$/)
    const { text } = await exported(page, "Topology (CSV)")
    assert.match(text, /acme\/toolchain,nightly\.yml,acme\/platform,cd\.yml,main,allowed,failed/)
    await cardOf(page, "acme/deploy-staging")
      .getByRole("link", { name: /^Events/ })
      .click()
    assert.strictEqual(queryOf(page).get("view"), "events")
    assert.strictEqual(queryOf(page).get("source"), "acme/platform")
    assert.strictEqual(queryOf(page).get("target"), "acme/deploy-staging")
  })

  it("by keyboard: arrows along the edges, Enter goes on, a second step unfolds and folds again", async () => {
    const { page } = await openTopology("twenty", "&around=acme/platform")
    await cardOf(page, "acme/qa-suite").waitFor()
    assert.strictEqual(await page.locator('[role=treeitem][tabindex="0"]').count(), 1)
    await page.locator(".topology-root").focus()
    for (const key of ["ArrowLeft", "ArrowUp", "ArrowDown", "ArrowDown", "ArrowLeft"]) await page.keyboard.press(key)
    assert.strictEqual(await focused(page), "acme/toolchain")
    for (const key of ["ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft"]) await page.keyboard.press(key)
    assert.strictEqual(await focused(page), "Show what starts it")
    await page.keyboard.press("Enter")
    await page.getByText("Nothing is known to start it").waitFor()
    assert.strictEqual(await focused(page), "Fold what starts it")
    await page.keyboard.press("Enter")
    await page.getByText("Nothing is known to start it").waitFor({ state: "detached" })
    await page.locator(".topology-root").focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await page.locator(".is-centre", { hasText: "acme/portal" }).waitFor()
    await page.goBack()
    await page.locator(".is-centre", { hasText: "acme/platform" }).waitFor()
  })

  it("of 300: lines of the one that has the focus, arrows between boxes, slash and Enter find one, denied ones alone", async () => {
    const { page, asked } = await openTopology("threeHundred", "")
    await boxOf(page, "acme/service-07").focus()
    assert.strictEqual(await page.locator(".graph-lines path").count(), 8)
    assert.isAbove(await page.locator(".graph-box").count(), 290)
    assert.strictEqual(await page.locator('.graph-box[tabindex="0"]').count(), 1)
    await page.keyboard.press("ArrowDown")
    assert.isTrue(await hasFocus(boxOf(page, "acme/service-08")))
    assert.lengthOf(
      asked.filter((request) => request.startsWith("GET /topology")),
      3
    )
    await page.getByRole("button", { name: "Denied only" }).click()
    await page.getByText(/^These want in and are not let in/).waitFor()
    assert.strictEqual(await page.locator(".connection-row:not(.is-refused)").count(), 0)
    assert.isFalse(await scrollsSideways(page))
    await page.keyboard.press("/")
    await page.keyboard.type("release-tr")
    await boxOf(page, "acme/service-07").waitFor({ state: "detached" })
    assert.isTrue(await boxOf(page, "acme/release-train").isVisible())
    await page.keyboard.press("Enter")
    await page.locator(".is-centre", { hasText: "acme/release-train" }).waitFor()
    await page
      .getByText(/^and \d+ more$/)
      .first()
      .click()
    await page.getByText(/^Fold \d+$/).waitFor()
    assert.isAbove(await cards(page).count(), 30)
    await page
      .getByRole("treeitem", { name: /^Fold \d+$/ })
      .first()
      .click()
    assert.isBelow(await cards(page).count(), 40)
  })

  it("on a phone: an indented tree, and a list of all; from a journey, and to one", async () => {
    const { page } = await openTopology("twenty", "&around=acme/platform", phone)
    await cardOf(page, "acme/qa-suite").waitFor()
    assert.isFalse(await scrollsSideways(page))
    const [centre, first] = [await spotOf(page.locator(".is-centre")), await spotOf(cardOf(page, "acme/toolchain"))]
    assert.isAbove(first.y, centre.y + centre.height)
    assert.isAbove(first.x, centre.x)
    await page.getByRole("link", { name: "All repositories" }).click()
    await page.locator(".connection-row").first().waitFor()
    assert.isFalse(await page.locator(".graph").isVisible())
    assert.isFalse(await scrollsSideways(page))
    stub().connect("two")
    await page.goto(`${stub().url}/admin?journey=${stub().rootOf("two")}`)
    await journey(page).getByRole("link", { name: "Topology of acme/shop" }).click()
    await cardOf(page, "acme/deploy").waitFor()
    assert.strictEqual(await journey(page).count(), 0)
    assert.strictEqual(await page.title(), "acme/shop · Topology · Dispatcher")
    await cardOf(page, "acme/deploy")
      .getByRole("link", { name: /^Latest journey/ })
      .click()
    await journey(page).waitFor()
  })

  it("without an answer nothing is said of it, nor of a second step; where there is none, that", async () => {
    stub().behave("failing")
    const { page } = await open("?view=topology")
    await page.getByText("Shown as soon as the server answers.").waitFor()
    stub().connect("none")
    stub().behave("usual")
    await page.getByRole("button", { name: "Try again" }).click()
    await page.getByText("No connection is stored").waitFor()
    stub().connect("twenty")
    await page.goto(`${stub().url}/admin?view=topology&around=acme/unheard-of`)
    await page.getByText("Nothing is known of this repository").waitFor()
    await page.goto(`${stub().url}/admin?view=topology&around=initech/tps-reports`)
    await page.getByText("No target lets it in").waitFor()
    await page.goto(`${stub().url}/admin?view=topology&around=acme/platform`)
    await cardOf(page, "initech/tps-reports").waitFor()
    stub().behave("failing")
    await page.getByText("Show what starts it").first().click()
    await page.getByText("Not known: this could not be loaded").waitFor()
    await page.locator(".outage").waitFor()
  })
})
