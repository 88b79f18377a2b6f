import { tableContract } from "../../src/testing/contracts/Table.ts"
import { testTime } from "../../src/testing/contracts/Time.ts"
import { layerMemory } from "../../src/testing/fakes/Table.ts"

tableContract("in memory", layerMemory, testTime)
