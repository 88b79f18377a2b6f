/** The GitHub adapter keeps to the contracts of its ports, against a GitHub that answers over HTTP. */
import { Effect } from "effect"
import { Sandbox } from "../../../src/sandbox/Sandbox.ts"
import { checksContract } from "../../../src/testing/contracts/Checks.ts"
import {
  acmeInstallation,
  configSourceContract,
  type GivenRepository
} from "../../../src/testing/contracts/ConfigSource.ts"
import { reportsContract } from "../../../src/testing/contracts/Reports.ts"
import { realTime } from "../../../src/testing/contracts/Time.ts"
import { givenWorkflows, workflowsContract } from "../../../src/testing/contracts/Workflows.ts"
import { overSandbox } from "./support.ts"

const installations = [
  { id: Number(acmeInstallation.installationId), account: "acme" },
  { id: 102, account: "globex" }
]
/** A repository without any commit would be another case. */
const readme = { "README.md": "" }

const seedOf = ({ name, file }: GivenRepository) => ({
  name,
  files: { ...readme, ...(file === null ? {} : { [file.path]: file.text }) }
})
configSourceContract(
  "GitHub",
  (repositories) => overSandbox({ installations, repositories: repositories.map(seedOf) }),
  realTime
)

const dispatchable = "on:\n  workflow_dispatch:\n    inputs:\n      sha: {}\njobs: {}\n"
const { repository, workflows, branches } = givenWorkflows
const files = Object.fromEntries(workflows.map((file) => [`.github/workflows/${file}`, dispatchable]))
workflowsContract(
  "GitHub",
  overSandbox({ installations, repositories: [{ name: repository, branches, files }] }),
  realTime
)

const repositories = ["acme/shop", "acme/bare"].map((name) => ({ name, files: readme }))
// The sandbox takes a branch for its latest commit.
checksContract("GitHub", overSandbox({ installations, repositories }), "main", realTime)
reportsContract("GitHub", overSandbox({ installations, repositories }), realTime, {
  comment: ({ number }) => Sandbox.use(({ commentOnIssue }) => commentOnIssue("acme/shop", number, "I look after it.")),
  isOpen: ({ number }) =>
    Effect.map(
      Sandbox.use(({ issues }) => issues("acme/shop")),
      (all) => all.some((issue) => issue.number === number && issue.state === "open")
    )
})
