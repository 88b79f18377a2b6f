/** Where things are on the page. */
import { readFile } from "node:fs/promises"
import type { Download, Locator, Page } from "playwright-core"

export const repositories = (page: Page): Locator =>
  page.getByRole("region", { name: "Repositories" }).locator("button.ranked")
/** The latest deliveries or events. */
export const recent = (page: Page): Locator => page.getByRole("region", { name: /^Recent/ })
export const rows = (page: Page): Locator => page.locator("table.list tbody tr")
export const journey = (page: Page): Locator => page.getByRole("dialog", { name: "Journey" })
export const tile = (page: Page, name: string): Locator => page.locator(".tile", { hasText: name })
/** Chooses one of a few. The radio button itself is invisible, its label is what is seen. */
export const choose = (page: Page, name: string): Promise<void> =>
  page.getByLabel(name, { exact: true }).check({ force: true })

/**
 * The page's root element, for what only a script in the page can do. Scripts are functions, never text: the page's
 * Content-Security-Policy forbids the evaluation of text.
 */
export const root = (page: Page): Locator => page.locator("html")

export const textOf = async (part: Locator): Promise<string> => (await part.textContent()) ?? ""
export const hasFocus = (part: Locator): Promise<boolean> => part.evaluate((element) => element.matches(":focus"))

/** Until nothing has been asked for half a second. */
export const settled = (page: Page): Promise<void> => page.waitForLoadState("networkidle")

/** The page's query. */
export const queryOf = (page: Page): URLSearchParams => new URL(page.url()).searchParams

/** Whether anything makes the page scroll sideways. */
export const scrollsSideways = (page: Page): Promise<boolean> =>
  root(page).evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)

/** What an entry of the export menu saves. */
export const exported = async (
  page: Page,
  entry: string
): Promise<{ readonly name: string; readonly text: string }> => {
  await page.getByRole("button", { name: "Export" }).click()
  const started: Promise<Download> = page.waitForEvent("download")
  await page.getByRole("button", { name: entry, exact: true }).click()
  const download = await started
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") }
}
