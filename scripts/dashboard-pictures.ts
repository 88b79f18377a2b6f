/**
 * Takes `docs/dashboard.png`, `docs/chain.png` and `docs/topology.png`: the page over the made-up answers of the browser tests, in the system's
 * Chromium. Run it when the page looks another way.
 */
import { join } from "node:path"
import type { Page } from "playwright-core"
import { launch } from "../test/dashboard/browser/Chromium.ts"
import { type Stub, startStub } from "../test/dashboard/browser/StubServer.ts"
import { signIn, visit } from "../test/dashboard/browser/Visit.ts"

interface Picture {
  readonly name: string
  readonly query: (stub: Stub) => string
  /** On the page once it is drawn. */
  readonly shown: string
  readonly width: number
  readonly height: number
}

const pictures: ReadonlyArray<Picture> = [
  { name: "dashboard", query: () => "", shown: ".uplot", width: 1440, height: 1240 },
  { name: "chain", query: (stub) => `?chain=${stub.rootOf("twenty")}`, shown: ".chain-card", width: 1240, height: 720 },
  {
    name: "topology",
    query: () => "?view=topology&around=acme/platform",
    shown: ".chain-card",
    width: 1240,
    height: 720
  }
]

const take = async (page: Page, stub: Stub, { name, query, shown, width, height }: Picture): Promise<void> => {
  await page.setViewportSize({ width, height })
  await page.goto(`${stub.url}/admin${query(stub)}`)
  await page.locator(shown).first().waitFor()
  await page.waitForLoadState("networkidle")
  await page.screenshot({ path: join(import.meta.dirname, `../docs/${name}.png`) })
}

const stub = await startStub()
stub.connect("twenty")
const browser = await launch()
const { page } = await visit(browser)
await page.goto(`${stub.url}/admin`)
await signIn(page, stub.token)
for (const picture of pictures) await take(page, stub, picture)
await browser.close()
await stub.close()
