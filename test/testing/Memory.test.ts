/** GitHub's ports in memory keep to the same contracts as GitHub's adapter. */
import { pastedAnswer } from "../../src/flow/Explain.ts"
import * as ConfigSource from "../../src/ports/ConfigSource.ts"
import * as Reports from "../../src/ports/Reports.ts"
import * as Workflows from "../../src/ports/Workflows.ts"
import { configSourceContract, type GivenRepository } from "../../src/testing/contracts/ConfigSource.ts"
import { reportsContract } from "../../src/testing/contracts/Reports.ts"
import { testTime } from "../../src/testing/contracts/Time.ts"
import { workflowsContract } from "../../src/testing/contracts/Workflows.ts"

const answerOf = ({ file }: GivenRepository) =>
  file === null ? ({ _tag: "Absent" } as const) : { ...pastedAnswer(file.text, "main"), path: file.path }

configSourceContract(
  "in memory",
  (repositories) => ConfigSource.layerMemory(new Map(repositories.map((given) => [given.name, answerOf(given)]))),
  testTime
)
workflowsContract("in memory", Workflows.layerMemory, testTime)
reportsContract("in memory", Reports.layerMemory, testTime)
