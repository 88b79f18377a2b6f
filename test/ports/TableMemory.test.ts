import { layerMemory } from "../../src/ports/TableMemory.ts"
import { tableContract } from "../../src/testing/contracts/Table.ts"
import { testTime } from "../../src/testing/contracts/Time.ts"

tableContract("in memory", layerMemory, testTime)
