/** GitHub's own example of a completed workflow run, as an App gets it, and its signature. */
import { createRequire } from "node:module"
import { sign } from "@octokit/webhooks-methods"

export const secret = "bench-webhook-secret"

interface Example {
  readonly name: string
  readonly examples: ReadonlyArray<{ readonly action?: string; readonly workflow_run?: { readonly path?: string } }>
}

const examples = createRequire(import.meta.url)("@octokit/webhooks-examples") as {
  readonly default?: ReadonlyArray<Example>
} & ReadonlyArray<Example>

const completed = (examples.default ?? examples)
  .find(({ name }) => name === "workflow_run")
  ?.examples.find(({ action, workflow_run }) => action === "completed" && workflow_run?.path !== undefined)

/** About 19 KB. The example lacks the installation that every delivery of an App has. */
export const body = JSON.stringify({ ...completed, installation: { id: 1, node_id: "MDIzOkluc3RhbGxhdGlvbjE=" } })

export const headers = {
  "content-type": "application/json",
  "user-agent": "GitHub-Hookshot/bench",
  "x-github-event": "workflow_run",
  "x-hub-signature-256": await sign(secret, body)
}
