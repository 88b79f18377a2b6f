/** The Table contract on DynamoDB, and what goes wrong on the way there. */
import { it } from "@effect/vitest"
import { Layer } from "effect"
import * as DynamoTable from "../../../../src/adapters/aws/dynamodb/DynamoTable.ts"
import { tableContract } from "../../../../src/testing/contracts/Table.ts"
import { realTime } from "../../../../src/testing/contracts/Time.ts"
import { sharedLimitsContract } from "../../../ledger/SharedLimitsContract.ts"
import * as DynamoDbLocal from "../support/DynamoDbLocal.ts"
import { shared } from "../support/Shared.ts"
import { faultTests } from "./DynamoFaults.ts"
import { lostAnswerTests } from "./DynamoLostAnswers.ts"

const dynamo = shared(DynamoDbLocal.layer)

if (DynamoDbLocal.hasJava) {
  dynamo.suite("DynamoDB", () => {
    tableContract("DynamoDB", Layer.provide(DynamoTable.layer, dynamo.layer), realTime)
    faultTests(dynamo.layer)
    lostAnswerTests(dynamo.layer)
    sharedLimitsContract("DynamoDB", Layer.provide(DynamoTable.layer, dynamo.layer))
  })
} else {
  const notice = "no Java on this machine, so nothing about DynamoDB was tested"
  process.stderr.write(`\n${notice}\n`)
  it(`DynamoDB: ${notice}`, (context) => context.skip(notice))
}
