/** What every browser test needs: one browser and one server for a file, visitors for a test, and the check that nothing went wrong. */
import { afterAll, afterEach, assert, beforeAll } from "@effect/vitest"
import type { Browser, BrowserContextOptions } from "playwright-core"
import { launch } from "./Chromium.ts"
import { signIn, type Visit, visit } from "./Visit.ts"

/** A running dashboard, and how to get in. */
export interface Subject {
  /** The origin. */
  readonly url: string
  readonly token: string
  readonly close: () => Promise<void>
}

export interface Desk<S extends Subject> {
  readonly subject: () => S
  /** A visitor who is not signed in, nowhere yet. */
  readonly arrive: (options?: BrowserContextOptions) => Promise<Visit>
  /** A visitor who is signed in, at a place of the dashboard: a query, or nothing. */
  readonly open: (query?: string, options?: BrowserContextOptions) => Promise<Visit>
}

/** To be called in a suite: starts the server and the browser for it, and ends both. */
export const makeDesk = <S extends Subject>(start: () => Promise<S>): Desk<S> => {
  let running: { readonly browser: Browser; readonly subject: S } | undefined
  let session: BrowserContextOptions = {}
  const visits: Array<Visit> = []
  const now = () => {
    if (running === undefined) throw new Error("The suite has not been started.")
    return running
  }
  beforeAll(async () => {
    const [browser, subject] = await Promise.all([launch(), start()])
    running = { browser, subject }
  })
  afterAll(async () => {
    await running?.browser.close()
    await running?.subject.close()
  })
  afterEach(async () => {
    const problems = visits.flatMap((one) => one.problems)
    await Promise.all(visits.splice(0).map(({ page }) => page.context().close()))
    assert.deepStrictEqual(problems, [])
  })
  const arrive = async (options: BrowserContextOptions = {}) => {
    const visitor = await visit(now().browser, options)
    visits.push(visitor)
    return visitor
  }
  const open = async (query = "", options: BrowserContextOptions = {}) => {
    const { url, token } = now().subject
    const visitor = await arrive({ ...session, ...options })
    const { page } = visitor
    await page.goto(`${url}/admin${query}`)
    await page.locator("#content, #token").first().waitFor()
    if (await page.locator("#token").isVisible()) {
      await signIn(page, token)
      await page.locator("#content").waitFor()
      session = { storageState: await page.context().storageState() }
    }
    return visitor
  }
  return { subject: () => now().subject, arrive, open }
}
