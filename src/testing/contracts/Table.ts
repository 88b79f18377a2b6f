/**
 * What every layer of the Table port keeps to. To hold a layer of your own to it:
 *
 *     tableContract("my table", myTableLayer, realTime)
 *
 * All tests share the layer; each keeps to partitions of its own, so what other runs left behind does no harm.
 */
import { layer } from "@effect/vitest"
import type { Layer } from "effect"
import type { Table } from "../../ports/Table.ts"
import { expiryTests } from "./TableExpiry.ts"
import { appendTests, foldTests } from "./TableFolds.ts"
import { modelTests } from "./TableModel.ts"
import { queryTests } from "./TableQueries.ts"
import { raceTests, transactionTests } from "./TableTransactions.ts"
import { conditionTests, writeTests } from "./TableWrites.ts"
import type { ContractTime } from "./Time.ts"

/** Registers the contract's tests for a layer of the Table. */
export const tableContract = <E>(name: string, tableLayer: Layer.Layer<Table, E>, time: ContractTime): void =>
  layer(tableLayer, { excludeTestServices: !time.virtual, timeout: "60 seconds" })(`Table contract: ${name}`, (it) => {
    writeTests(it)
    conditionTests(it)
    appendTests(it)
    foldTests(it)
    transactionTests(it)
    queryTests(it)
    expiryTests(it, time)
    raceTests(it)
    modelTests(it)
  })
