/** A visitor of the dashboard: a page of its own that notes everything that goes wrong in it. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core"

export interface Visit {
  readonly page: Page
  /** Console errors, uncaught errors and violations of the Content-Security-Policy so far. */
  readonly problems: Array<string>
  /** API requests so far: method, path and query below `/admin/api`. */
  readonly asked: Array<string>
}

/** Reports violations where tests can read them: the console shows some only as text. */
const reportViolations = `document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  console.error("CSP violation: " + violatedDirective + " " + blockedURI))`

/** Chromium logs every answer of 400 and more, which some tests want; those are not the page's errors. */
const isAnswer = (text: string): boolean => text.startsWith("Failed to load resource: the server responded")

const apiPath = /\/admin\/api(\/.*)$/

export const visit = async (browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> => {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: "en-US",
    reducedMotion: "reduce",
    ...options
  })
  // What hangs is ended by the limit of its test: how long an answer takes decides nothing.
  context.setDefaultTimeout(0)
  const page = await context.newPage()
  const problems: Array<string> = []
  const asked: Array<string> = []
  await page.addInitScript(reportViolations)
  page.on("console", (message) => {
    if (message.type() === "error" && !isAnswer(message.text())) problems.push(message.text())
  })
  page.on("pageerror", ({ message }) => problems.push(message))
  page.on("request", (request) => {
    const [, path] = apiPath.exec(request.url()) ?? []
    if (path !== undefined) asked.push(`${request.method()} ${path}`)
  })
  return { page, problems, asked }
}

/** Fills the sign-in form that the page shows. */
export const signIn = async (page: Page, token: string): Promise<void> => {
  await page.getByLabel("Admin token").fill(token)
  await page.getByRole("button", { name: "Sign in" }).click()
}
