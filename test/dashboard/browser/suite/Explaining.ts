/** Asking what a run would start, with files that are pasted: what they say is then the same on every server. */
import { assert, describe, it, vi } from "@effect/vitest"
import type { Locator, Page } from "playwright-core"
import type { Desk, Subject } from "../Desk.ts"
import { exported, journey, queryOf, root, rows, scrollsSideways, settled, textOf } from "../Parts.ts"

const outbound = `outbound:
  - source:
      workflow: ci.yml
    targets:
      - repository: deploy
        workflow: cd.yml
        inputs:
          by: "{{ source.workflow }}"
`
const inbound = `inbound:
  - source:
      repository: shop
      workflow: ci.yml
      branches: [main]
    targets:
      - workflow: cd.yml
        accept_inputs: [by]
`
const invalid = `outbound:
  - source:
      workfow: ci.yml
    targets: []
`

const source = (page: Page): Locator => page.getByRole("combobox", { name: "Source repository" })
const fileOf = (page: Page, name: string): Locator =>
  page.getByRole("textbox", { name: `dispatching.yml of ${name}`, exact: true })
const answer = (page: Page): Locator => page.getByRole("region", { name: "What would happen" })
const verdict = (page: Page): Locator => answer(page).locator(".upshot strong")
const explain = (page: Page) => page.getByRole("button", { name: "Explain", exact: true }).click()

/** Writes a pair of files of acme/shop and acme/deploy. */
const write = async (page: Page, ofSource = outbound, ofTarget = inbound) => {
  await source(page).fill("acme/shop")
  await page.getByLabel("Workflow", { exact: true }).fill("ci.yml")
  await fileOf(page, "acme/shop").fill(ofSource)
  await page.getByRole("button", { name: "Add a target's file" }).click()
  await page.getByRole("combobox", { name: "Target repository" }).fill("acme/deploy")
  await fileOf(page, "acme/deploy").fill(ofTarget)
}

/** What is selected in the file that has the focus, and where it begins: line and column from 1. */
const selected = (page: Page): Promise<{ readonly line: number; readonly column: number; readonly text: string }> =>
  root(page).evaluate(({ ownerDocument }) => {
    const { value, selectionStart, selectionEnd } = ownerDocument.activeElement
    const before = value.slice(0, selectionStart).split("\n")
    return { line: before.length, column: before.at(-1).length + 1, text: value.slice(selectionStart, selectionEnd) }
  })

export const explaining = ({ open }: Desk<Subject>): void => {
  describe("explaining", () => {
    it("a pair of files that agree: the target would be started, with these inputs", async () => {
      const { page, asked } = await open("?view=explain")
      await write(page)
      await explain(page)
      await verdict(page).waitFor()
      assert.strictEqual(await textOf(verdict(page)), "The target would be started")
      assert.include(await textOf(answer(page).locator(".inputs")), "byci.yml")
      assert.deepStrictEqual(
        asked.filter((request) => request.startsWith("POST")),
        ["POST /explain"]
      )
      const { text } = await exported(page, "Decisions (CSV)")
      assert.include(text, "acme/deploy,cd.yml,main,allowed,,,")
    })

    it("a refusal has its reason, and its rule is a click away", async () => {
      const { page } = await open("?view=explain")
      await write(page)
      await page.getByLabel("Branch", { exact: true }).fill("feature/x")
      await fileOf(page, "acme/shop").fill(outbound.replace("ci.yml\n", "ci.yml\n      branches: ['**']\n"))
      await fileOf(page, "acme/shop").press("Control+Enter")
      await answer(page).locator(".step.is-denied").waitFor()
      assert.strictEqual(await textOf(verdict(page)), "The target would be denied")
      assert.match(await textOf(answer(page).locator(".because")), /Branch not let in.*feature\/x/)
      const refused = answer(page).locator(".is-refused")
      assert.match(await textOf(refused), /found.*feature\/x.*expected.*main/)
      await refused.getByRole("button", { name: /acme\/deploy dispatching\.yml:/ }).click()
      assert.include(inbound.split("\n")[(await selected(page)).line - 1], "workflow: cd.yml")
    })

    it("mistakes have line and column; a click leads there, and mending them is seen", async () => {
      const { page } = await open("?view=explain")
      await write(page, invalid)
      await explain(page)
      const file = page.getByRole("region", { name: "File of the source" })
      const mistake = file.getByRole("button", { name: "Go to line 3, column 7" })
      await mistake.waitFor()
      assert.match(await textOf(verdict(page)), /not valid/)
      assert.match(await textOf(file.locator(".issues")), /3:7.*unknown key "workfow", did you mean "workflow"/)
      assert.isAbove(await file.locator(".behind i").count(), 0)
      await mistake.click()
      assert.deepStrictEqual(await selected(page), { line: 3, column: 7, text: "workfow: ci.yml" })
      await fileOf(page, "acme/shop").fill(outbound)
      await page.getByText("You changed something since").waitFor()
      assert.strictEqual(await file.locator(".behind i").count(), 0)
      await page.getByRole("button", { name: "Explain again" }).click()
      await mistake.waitFor({ state: "detached" })
      assert.strictEqual(await textOf(verdict(page)), "The target would be started")
    })

    it("a target's mistakes are shown at its own file", async () => {
      const { page } = await open("?view=explain")
      await write(page, outbound, "inbound:\n  - target: 1\n")
      await explain(page)
      const file = page.getByRole("region", { name: "File of target acme/deploy" })
      await file.getByRole("button", { name: "Go to line 2, column 5" }).first().waitFor()
      assert.match(await textOf(answer(page).locator(".because")), /dispatching\.yml is invalid/)
    })

    it("what is pasted is explained at once", async () => {
      const { page } = await open("?view=explain", { permissions: ["clipboard-read", "clipboard-write"] })
      await source(page).fill("acme/shop")
      await root(page).evaluate(
        ({ ownerDocument }, text) => ownerDocument.defaultView.navigator.clipboard.writeText(text),
        outbound.replace("ci.yml", "build.yml")
      )
      await fileOf(page, "acme/shop").focus()
      await page.keyboard.press("ControlOrMeta+V")
      await verdict(page).waitFor()
      assert.strictEqual(await textOf(verdict(page)), "No rule is about ci.yml")
      await answer(page).getByRole("button", { name: "build.yml" }).click()
      await answer(page).locator(".step").waitFor()
      assert.strictEqual(queryOf(page).get("workflow"), "build.yml")
    })

    it("the address holds the question and no file; a reload keeps both", async () => {
      const { page } = await open("?view=explain")
      await write(page)
      await page.getByLabel("Event", { exact: true }).fill("schedule")
      await page.getByLabel("Conclusion").selectOption("failure")
      await page.getByLabel("The code is a fork's").check()
      await explain(page)
      await verdict(page).waitFor()
      const { search } = new URL(page.url())
      assert.strictEqual(
        search,
        "?view=explain&repository=acme/shop&workflow=ci.yml&conclusion=failure&event=schedule&fork=true"
      )
      await page.reload()
      await verdict(page).waitFor()
      assert.strictEqual(await fileOf(page, "acme/shop").inputValue(), outbound)
      const shared = (await open(search)).page
      await answer(shared).locator(".card-body").waitFor()
      assert.strictEqual(await source(shared).inputValue(), "acme/shop")
      assert.strictEqual(await shared.getByLabel("Event", { exact: true }).inputValue(), "schedule")
      assert.strictEqual(await shared.getByLabel("Conclusion").inputValue(), "failure")
      assert.isTrue(await shared.getByLabel("The code is a fork's").isChecked())
      assert.strictEqual(await fileOf(shared, "acme/shop").inputValue(), "")
    })

    it("what is missing is said at its field, which then has the focus", async () => {
      const { page, asked } = await open("?view=explain")
      await page.getByRole("button", { name: "Explain", exact: true }).waitFor()
      await source(page).fill("shop")
      await source(page).press("Enter")
      await page.getByText("A full name is needed").waitFor()
      assert.isTrue(await source(page).evaluate((field) => field.matches(":focus[aria-invalid=true]")))
      assert.isFalse(asked.some((request) => request.startsWith("POST")))
    })

    it("a journey's run can be explained by the rules of now, and the way back leads to it", async () => {
      const { page } = await open()
      await rows(page).locator(".opener").first().click()
      await journey(page).getByRole("button", { name: "Explain" }).click()
      await settled(page)
      const asked = queryOf(page)
      assert.strictEqual(await source(page).inputValue(), asked.get("repository"))
      assert.strictEqual(await page.getByLabel("Workflow", { exact: true }).inputValue(), asked.get("workflow"))
      assert.isNotNull(asked.get("branch"))
      await page.goBack()
      await journey(page).waitFor()
    })

    it("fits a phone, and the answer comes into view", async () => {
      const { page } = await open("?view=explain", { viewport: { width: 360, height: 740 } })
      await write(page, `${outbound}# ${"long ".repeat(60)}\n`)
      await explain(page)
      await verdict(page).waitFor()
      // Not `waitForFunction`: from its second look on it needs `eval` in the page, which the page's CSP forbids.
      const inView = () =>
        page
          .locator(".answering")
          .evaluate(
            (answering) => answering.getBoundingClientRect().top < answering.ownerDocument.defaultView.innerHeight / 2
          )
      await vi.waitFor(async () => assert.isTrue(await inView()), { timeout: 300_000 })
      assert.isFalse(await scrollsSideways(page))
    })
  })
}
