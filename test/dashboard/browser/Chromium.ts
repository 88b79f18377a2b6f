/** The system's Chromium, driven by playwright-core; where there is none, browser tests say so and are skipped. */
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

const executablePath = "/usr/bin/chromium"

/** Whether browser tests can run here. */
export const hasChromium = existsSync(executablePath)

/** For the title of a suite: why it is skipped, visibly. */
export const skipNotice = hasChromium ? "" : ` (skipped: no Chromium at ${executablePath}; apt-get install chromium)`

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

export const launch = (): Promise<Browser> => chromium.launch({ executablePath, args: quietly })
