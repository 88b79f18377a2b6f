/** The page of a chain in a browser, with 2, 20 and 200 runs: by keyboard, on a phone, in the dark, and when it cannot be shown. */
import { afterEach, assert, describe, it } from "@effect/vitest"
import type { Locator, Page } from "playwright-core"
import { hasChromium, skipNotice } from "./Chromium.ts"
import { makeDesk } from "./Desk.ts"
import { exported, hasFocus, journey, queryOf, root, scrollsSideways, settled, textOf } from "./Parts.ts"
import type { ChainSize } from "./StubChainPlans.ts"
import { startStub } from "./StubServer.ts"

const phone = { viewport: { width: 360, height: 740 } }
const cards = (page: Page): Locator => page.locator(".chain-card")
const itemOf = (page: Page, name: string): Locator =>
  page.getByRole("treeitem", { name: new RegExp(`^acme/${name}\\b`) }).first()
const folds = (page: Page): Locator => page.getByRole("treeitem", { expanded: false })
const focused = (page: Page): Promise<string> => textOf(page.locator(":focus .chain-where, :focus .chain-fold").first())

interface Spot {
  readonly x: number
  readonly y: number
  readonly width: number
}
const spotOf = async (item: Locator): Promise<Spot> =>
  (await item.locator(".chain-card").first().boundingBox()) ?? assert.fail("the card is not drawn")
const animationOf = (item: Locator): Promise<string> =>
  item
    .locator(".node")
    .first()
    .evaluate((node) => {
      const style = node.ownerDocument.defaultView.getComputedStyle(node)
      return `${style.animationName} ${style.animationDuration}`
    })

describe.skipIf(!hasChromium)(`the page of a chain in a browser${skipNotice}`, () => {
  const { open, subject: stub } = makeDesk(startStub)
  afterEach(() => stub().behave("usual"))
  const openChain = async (size: ChainSize, options = {}) => {
    const visitor = await open(`?chain=${stub().rootOf(size)}`, options)
    await cards(visitor.page).first().waitFor()
    return visitor
  }

  it("of 2 runs: the first, and the running one that is no run of its own yet, right of it", async () => {
    const { page } = await openChain("two")
    assert.strictEqual(await cards(page).count(), 2)
    const [shop, deploy] = [await spotOf(itemOf(page, "shop")), await spotOf(itemOf(page, "deploy"))]
    assert.isAbove(deploy.x, shop.x + shop.width)
    assert.strictEqual(deploy.y, shop.y)
    assert.match(await textOf(itemOf(page, "deploy")), /Running/)
    const link = itemOf(page, "deploy").getByRole("link")
    assert.match((await link.getAttribute("href")) ?? "", /^https:\/\/github\.com\/acme\/deploy\/actions\/runs\/\d+$/)
    assert.strictEqual(await page.title(), "Chain · Dispatcher")
  })

  it("of 20 runs: in columns by depth, failures above all else, one click away", async () => {
    const { page } = await openChain("twenty")
    const names = ["shop", "deploy-staging", "qa-suite", "deploy-production"]
    const spots = await Promise.all(names.map((name) => spotOf(itemOf(page, name))))
    assert.deepStrictEqual(
      spots.map(({ x }) => x),
      spots.map(({ x }) => x).toSorted((a, b) => a - b)
    )
    assert.strictEqual((await spotOf(itemOf(page, "infra-live"))).x, spots[1]?.x)
    assert.isAbove((await spotOf(itemOf(page, "portal"))).y, (await spotOf(itemOf(page, "infra-live"))).y)
    await page.getByRole("button", { name: "To the first failure" }).click()
    assert.isTrue(await hasFocus(itemOf(page, "deploy-production")))
    const { name, text } = await exported(page, "Chain (CSV)")
    assert.match(name, /^dispatcher-chain-/)
    assert.match(text, /acme\/deploy-production,ci\.yml,main,failed,Failure/)
  })

  it("of 200 runs: what merely succeeded is folded, and unfolds", async () => {
    const { page } = await openChain("twoHundred")
    assert.isBelow(await cards(page).count(), 20)
    assert.match(
      await textOf(itemOf(page, "platform-base-image").locator(".states").first()),
      /1 failed1 running37 succeeded/
    )
    await folds(page).filter({ hasText: "and 34 more that succeeded" }).click()
    assert.isAbove(await cards(page).count(), 40)
    assert.match(await focused(page), /^acme\/service-/)
    const again = page.getByRole("treeitem", { name: "Fold 34 that succeeded" })
    await again.focus()
    await page.keyboard.press("Enter")
    assert.isBelow(await cards(page).count(), 20)
    assert.match(await focused(page), /^and 34 more/)
    await page.keyboard.press("Enter")
    await folds(page).evaluateAll((all) => {
      for (const fold of all) fold.click()
    })
    assert.strictEqual(await cards(page).count(), 200)
    assert.isFalse(await scrollsSideways(page))
  })

  it("by keyboard: arrows along the edges, Enter opens the journey, and Escape leads back", async () => {
    const { page } = await openChain("twenty")
    assert.strictEqual(await page.locator('[role=treeitem][tabindex="0"]').count(), 1)
    await itemOf(page, "shop").focus()
    for (const key of ["ArrowRight", "ArrowDown", "ArrowRight"]) await page.keyboard.press(key)
    assert.strictEqual(await focused(page), "acme/status-page")
    await page.keyboard.press("ArrowLeft")
    assert.strictEqual(await focused(page), "acme/infra-live")
    const outline = await page
      .locator(":focus > .chain-card")
      .evaluate((card) => card.ownerDocument.defaultView.getComputedStyle(card).outlineStyle)
    assert.strictEqual(outline, "solid")
    await page.keyboard.press("Enter")
    await journey(page).locator(".timeline").waitFor()
    assert.match(await textOf(journey(page).locator(".journey-head .source")), /infra-live/)
    await journey(page).getByRole("link", { name: "its journey" }).click()
    await journey(page).locator(".journey-head .source", { hasText: "acme/shop" }).waitFor()
    await journey(page).getByText("What it started").click()
    await journey(page).getByRole("link", { name: "journey of acme/infra-live" }).click()
    await journey(page).locator(".journey-head .source", { hasText: "acme/infra-live" }).waitFor()
    await page.keyboard.press("Escape")
    await journey(page).waitFor({ state: "detached" })
    assert.isNotNull(queryOf(page).get("chain"))
    await page.getByRole("link", { name: "Trends" }).click()
    assert.isNull(queryOf(page).get("chain"))
  })

  it("running ones are alive, unless the device wants no motion or the server is silent", async () => {
    const still = await openChain("two")
    assert.strictEqual(await animationOf(itemOf(still.page, "deploy")), "alive 0s")
    const { page } = await openChain("two", { reducedMotion: "no-preference" })
    assert.strictEqual(await animationOf(itemOf(page, "deploy")), "alive 2.4s")
    assert.match(await animationOf(itemOf(page, "shop")), /^none/)
    stub().behave("failing")
    await page.getByRole("button", { name: "Refresh now" }).click()
    await page.locator(".outage").waitFor()
    assert.match(await animationOf(itemOf(page, "deploy")), /^none/)
  })

  it.each(["two", "twenty", "twoHundred"] as const)("on a phone: %s runs are an indented tree", async (size) => {
    const { page } = await openChain(size, phone)
    assert.isFalse(await scrollsSideways(page))
    const [first, second] = [await cards(page).nth(0).boundingBox(), await cards(page).nth(1).boundingBox()]
    assert(first !== null && second !== null)
    assert.isAbove(second.y, first.y + first.height)
    assert.isAbove(second.x, first.x)
    assert.isBelow(second.x, first.x + 40)
  })

  it("on a phone: the buttons of a journey's head stand in one line", async () => {
    const { page } = await open(`?journey=${stub().rootOf("two")}`, phone)
    await journey(page).locator(".timeline").waitFor()
    const buttons = await journey(page).locator(".drawer-head .button").all()
    const lines = await Promise.all(buttons.map(async (button) => (await button.boundingBox())?.y))
    assert.lengthOf(lines, 4)
    assert.strictEqual(new Set(lines).size, 1)
  })

  it("is dark where the device is", async () => {
    const background = ({ page }: { readonly page: Page }) =>
      cards(page)
        .first()
        .evaluate((card) => card.ownerDocument.defaultView.getComputedStyle(card).backgroundColor)
    const light = await background(await openChain("twenty"))
    assert.notStrictEqual(await background(await openChain("twenty", { colorScheme: "dark" })), light)
  })

  it("refreshes like every view, and keeps the focus where it is", async () => {
    const { page, asked } = await openChain("twenty")
    await itemOf(page, "portal").focus()
    await page.getByRole("button", { name: "Refresh now" }).evaluate((button) => button.click())
    await settled(page)
    assert.lengthOf(
      asked.filter((request) => request.startsWith("GET /chains/")),
      2
    )
    assert.isTrue(await hasFocus(itemOf(page, "portal")))
  })

  it("a chain that is not there (any more), and an address that is none, say so or are left out", async () => {
    const { page } = await open("?chain=1/2/3")
    await page.getByText("Not there (any more)").waitFor()
    await page.getByText("No chain began with this run.").waitFor()
    const odd = await open("?chain=../../x")
    await odd.page.locator(".tile").first().waitFor()
  })

  it("without an answer nothing is said of it, and it is there when the server is back", async () => {
    stub().behave("failing")
    const { page } = await open(`?chain=${stub().rootOf("two")}`)
    await page.getByText("Shown as soon as the server answers.").waitFor()
    stub().behave("usual")
    await page.getByRole("button", { name: "Try again" }).click()
    await cards(page).first().waitFor()
    assert.strictEqual(await root(page).locator(".outage").count(), 0)
  })
})
