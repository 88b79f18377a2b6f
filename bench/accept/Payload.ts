/** GitHub's own example of a completed workflow run, as an App gets it, each time a run of its own, and its signature. */
import { createHmac } from "node:crypto"
import { createRequire } from "node:module"

export const secret = "bench-webhook-secret"

interface Example {
  readonly name: string
  readonly examples: ReadonlyArray<{
    readonly action?: string
    readonly workflow_run?: { readonly path?: string; readonly id: number }
  }>
}

const examples = createRequire(import.meta.url)("@octokit/webhooks-examples") as {
  readonly default?: ReadonlyArray<Example>
} & ReadonlyArray<Example>

const completed = (examples.default ?? examples)
  .find(({ name }) => name === "workflow_run")
  ?.examples.find(({ action, workflow_run }) => action === "completed" && workflow_run?.path !== undefined)

const placeholder = 999_999_999_999
/** About 19 KB. The example lacks the installation that every delivery of an App has. */
const [before = "", after = ""] = JSON.stringify({
  ...completed,
  workflow_run: { ...completed?.workflow_run, id: placeholder },
  installation: { id: 1, node_id: "MDIzOkluc3RhbGxhdGlvbjE=" }
}).split(String(placeholder))

let runs = 0
/** The next delivery: its body, and the headers that GitHub sends with it. */
export const nextDelivery = () => {
  const body = `${before}${++runs}${after}`
  const headers = {
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/bench",
    "x-github-event": "workflow_run",
    "x-github-delivery": crypto.randomUUID(),
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`
  }
  return { body, headers }
}
