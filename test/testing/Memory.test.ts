/** GitHub's ports in memory keep to the same contracts as GitHub's adapter. */
import { Effect } from "effect"
import { pastedAnswer } from "../../src/flow/Explain.ts"
import { checksContract } from "../../src/testing/contracts/Checks.ts"
import { configSourceContract, type GivenRepository } from "../../src/testing/contracts/ConfigSource.ts"
import { reportsContract } from "../../src/testing/contracts/Reports.ts"
import { testTime } from "../../src/testing/contracts/Time.ts"
import { workflowsContract } from "../../src/testing/contracts/Workflows.ts"
import * as FakeChecks from "../../src/testing/fakes/Checks.ts"
import * as FakeConfigSource from "../../src/testing/fakes/ConfigSource.ts"
import * as FakeReports from "../../src/testing/fakes/Reports.ts"
import * as FakeWorkflows from "../../src/testing/fakes/Workflows.ts"

const answerOf = ({ file }: GivenRepository) =>
  file === null ? ({ _tag: "Absent" } as const) : { ...pastedAnswer(file.text, "main"), path: file.path }

configSourceContract(
  "in memory",
  (repositories) => FakeConfigSource.layerMemory(new Map(repositories.map((given) => [given.name, answerOf(given)]))),
  testTime
)
workflowsContract("in memory", FakeWorkflows.layerMemory, testTime)
checksContract("in memory", FakeChecks.layerMemory, "a".repeat(40), testTime)
reportsContract("in memory", FakeReports.layerMemory, testTime, {
  comment: ({ url }) => FakeReports.WrittenIssues.use(({ answer }) => answer(url, "I look after it.")),
  isOpen: ({ url }) =>
    Effect.map(
      FakeReports.WrittenIssues.use(({ all }) => all),
      (all) => all.some((issue) => issue.url === url && issue.open)
    )
})
