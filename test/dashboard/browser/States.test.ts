/** What the page shows when there is nothing, when things go wrong, and while they take long: states that only the stub can be put into. */
import { afterEach, assert, describe, it } from "@effect/vitest"
import type { Page } from "playwright-core"
import { hasChromium, skipNotice } from "./Chromium.ts"
import { makeDesk } from "./Desk.ts"
import { settled, textOf } from "./Parts.ts"
import { startStub } from "./StubServer.ts"
import { hostileBranch } from "./StubWorld.ts"
import { signIn } from "./Visit.ts"

const refresh = (page: Page) => page.getByRole("button", { name: "Refresh now" }).click()
const recentRows = (page: Page) => page.locator("table.deliveries tbody tr")
const figure = (page: Page) => page.locator(".tile .value b").first()

describe.skipIf(!hasChromium)(`the dashboard's states in a browser${skipNotice}`, () => {
  const { open, subject: stub } = makeDesk(startStub)
  afterEach(() => stub().behave("usual"))

  it("empty: every widget says that there is nothing, and why", async () => {
    stub().behave("empty")
    const { page } = await open()
    await page.getByText("No deliveries yet").waitFor()
    for (const text of ["Not known", "Nothing is stalled", "No repositories in this time", "Nothing was refused"]) {
      assert.isTrue(await page.getByText(text).first().isVisible(), text)
    }
    await page.getByRole("link", { name: "Trends" }).click()
    await page.getByText("Nothing to rank").waitFor()
    await page.getByRole("link", { name: "Events" }).click()
    await page.getByText("No events found").waitFor()
    await page.getByText("Events are listed for 30 days").waitFor()
  })

  it("loading: the place of everything is kept, and marked as busy", async () => {
    stub().behave("silent")
    const { page } = await open()
    await page.locator(".skeleton").first().waitFor()
    assert.isAbove(await page.locator("[aria-busy=true]").count(), 3)
    stub().behave("usual")
    await figure(page).waitFor()
    await settled(page)
    assert.strictEqual(await page.locator(".skeleton").count(), 0)
  })

  it("no answer at first: said once, and gone when the server is back", async () => {
    stub().behave("failing")
    const { page } = await open()
    await page.getByRole("alert").waitFor()
    await settled(page)
    assert.strictEqual(await page.getByRole("alert").count(), 1)
    stub().behave("usual")
    await page.getByRole("button", { name: "Try again" }).click()
    await figure(page).waitFor()
    await page.getByRole("alert").waitFor({ state: "detached" })
  })

  it("no answer later: what was there stays, with its age", async () => {
    const { page } = await open()
    await settled(page)
    const before = await textOf(figure(page))
    stub().behave("failing")
    await refresh(page)
    await page.getByText("You see what it last said").waitFor()
    assert.strictEqual(await textOf(figure(page)), before)
    await page.getByText(/^No answer/).waitFor()
    stub().behave("usual")
    await refresh(page)
    await page.getByText(/^Updated/).waitFor()
  })

  it("all is well, and nothing is stalled, on fresh figures", async () => {
    stub().behave("well")
    const { page } = await open()
    await page.locator(".health.is-green").waitFor()
    assert.isTrue(await page.getByText("Nothing is stalled").isVisible())
  })

  it.each(["stopped", "young"] as const)("a rollup that is %s: nothing is claimed about now", async (behaviour) => {
    stub().behave(behaviour)
    const { page } = await open()
    await page.locator(".health.is-unknown").waitFor()
    await settled(page)
    for (const claim of ["All is well", "Nothing is stalled", "Nothing has happened", "Nothing was refused"]) {
      assert.strictEqual(await page.getByText(claim).count(), 0, claim)
    }
    assert.isTrue(await page.getByRole("region", { name: "Stalled work" }).getByText("Not known").isVisible())
    assert.isAbove(await recentRows(page).count(), 0)
  })

  it("the server stops answering: nothing green below the notice, no claim about now", async () => {
    stub().behave("well")
    const { page } = await open()
    await page.locator(".health.is-green").waitFor()
    await settled(page)
    stub().behave("failing")
    await refresh(page)
    await page.locator(".outage").waitFor()
    await page.locator(".health.is-unknown").waitFor()
    assert.strictEqual(await page.locator(".is-green").count(), 0)
    assert.strictEqual(await page.getByText("Nothing is stalled").count(), 0)
    const filter = await page
      .locator("main")
      .evaluate((main) => main.ownerDocument.defaultView.getComputedStyle(main).filter)
    assert.strictEqual(filter, "grayscale(1)")
  })

  it("what is cut says how much more there is; queues and dead letters are there", async () => {
    const { page } = await open()
    await page.getByText("and 4 more").waitFor()
    const orders = page.getByRole("region", { name: "Queues" }).locator("tr", { hasText: "Orders to dispatch" })
    assert.match(await textOf(orders), /Orders to dispatch312 s21/)
  })

  it("a source's own broken file is a row with file, line and sentence", async () => {
    const { page } = await open("?status=invalid")
    const row = page.locator("table.events tbody tr").first()
    await row.waitFor()
    assert.match(await textOf(row), /dispatching\.yml:3: outbound is not a list/)
    await row.locator(".opener").click()
    const step = page.getByRole("dialog", { name: "Journey" }).locator(".step.is-invalid")
    await step.waitFor()
    assert.match(await textOf(step), /dispatching\.yml:3:.*outbound is not a list/)
  })

  it("the session ends: signing in leads back to the same view", async () => {
    const { page } = await open("?view=trends&range=7d")
    await settled(page)
    stub().forgetSessions()
    await refresh(page)
    await signIn(page, stub().token)
    await page.locator("#content").waitFor()
    assert.strictEqual(new URL(page.url()).search, "?view=trends&range=7d")
  })

  it("GitHub's rules are explained; what cannot be read can be pasted", async () => {
    const { page } = await open("?view=explain&repository=acme/shop&workflow=ci.yml")
    await page.locator(".upshot", { hasText: "1 of 2 targets would be started" }).waitFor()
    await page.getByRole("button", { name: "Paste its dispatching.yml" }).click()
    await page.locator("textarea:focus").waitFor()
    assert.strictEqual(await page.getByRole("combobox", { name: "Target repository" }).inputValue(), "acme/payments")
    await page.goto(`${stub().url}/admin?view=explain&repository=acme/docs&workflow=ci.yml`)
    await page.locator(".upshot", { hasText: "acme/docs has no dispatching.yml" }).waitFor()
    await page.goto(`${stub().url}/admin?view=explain&repository=acme/nowhere&workflow=ci.yml`)
    await page.locator(".upshot", { hasText: "The dispatching.yml of acme/nowhere cannot be read" }).waitFor()
  })

  it("an explanation that fails says so, and can be asked for again", async () => {
    const { page } = await open("?view=explain")
    await page.getByRole("combobox", { name: "Source repository" }).fill("acme/shop")
    stub().behave("failing")
    await page.getByRole("button", { name: "Explain", exact: true }).click()
    await page.getByText("This could not be explained").waitFor()
    stub().behave("usual")
    await page.getByRole("alert").getByRole("button", { name: "Try again" }).click()
    await page.locator(".upshot").waitFor()
  })

  it("the session ends while a file is written: nothing of it is lost, and signing out forgets it", async () => {
    const { page } = await open("?view=explain")
    await page.getByRole("button", { name: "Try an example" }).click()
    await page.locator(".upshot").waitFor()
    const written = await page.locator("textarea").first().inputValue()
    stub().forgetSessions()
    await page.getByRole("button", { name: "Explain", exact: true }).click()
    await signIn(page, stub().token)
    await page.locator(".upshot").waitFor()
    assert.strictEqual(await page.locator("textarea").first().inputValue(), written)
    await page.getByRole("button", { name: "Sign out" }).click()
    await signIn(page, stub().token)
    await page.locator("#content").waitFor()
    await page.getByRole("link", { name: "Explain" }).click()
    assert.strictEqual(await page.locator("textarea").first().inputValue(), "")
  })

  it("a journey that is not there (any more) says so", async () => {
    const { page } = await open("?journey=00000000-no-such-delivery")
    await page.getByText("Not there (any more)").waitFor()
    await page.keyboard.press("Escape")
    await page.getByRole("dialog").waitFor({ state: "detached" })
  })

  it("text from GitHub is text, whatever it looks like", async () => {
    const { page } = await open()
    await page.getByText(hostileBranch).first().waitFor()
    assert.strictEqual(await page.locator("img").count(), 0)
    assert.notInclude(await page.title(), "owned")
  })
})
