/** Where the page begins: the bundle `app.js` is made from this file. */
import { render } from "preact"
import { PageRoot } from "./App.tsx"
import { PageContext } from "./hooks/Page.ts"
import { makePage } from "./state/Browser.ts"

const root = document.getElementById("app")
if (root !== null) {
  root.replaceChildren()
  render(
    <PageContext.Provider value={makePage()}>
      <PageRoot />
    </PageContext.Provider>,
    root
  )
}
