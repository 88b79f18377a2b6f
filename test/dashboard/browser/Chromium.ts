/**
 * The system's Chromium, driven by playwright-core; where there is none, browser tests say so and are skipped. Its headless shell takes half the
 * processor time of the whole browser, which has a window with controls for every page, if an invisible one.
 */
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

const executablePath = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].find(existsSync)

/** Whether browser tests can run here. */
export const hasChromium = executablePath !== undefined

/** For the title of a suite: why it is skipped, visibly. */
export const skipNotice = hasChromium
  ? ""
  : ` (skipped: no Chromium in /usr/bin; apt-get install chromium-headless-shell)`

/** Without these, Chromium looks for its maker's servers at every start. */
const quietly = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

export const launch = (): Promise<Browser> =>
  chromium.launch({ args: quietly, timeout: 0, ...(executablePath !== undefined && { executablePath }) })
