import { layerMemory } from "../../src/ports/TableMemory.ts"
import { tableContract } from "../contracts/Table.ts"
import { testTime } from "../contracts/Time.ts"

tableContract("in memory", layerMemory, testTime)
