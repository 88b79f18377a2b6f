/** What the functions keep: the ledger and all else, on DynamoDB. */
import { Layer } from "effect"
import * as DynamoClient from "../../adapters/aws/dynamodb/DynamoClient.ts"
import * as DynamoTable from "../../adapters/aws/dynamodb/DynamoTable.ts"
import * as Ledger from "../../ledger/Ledger.ts"

/** The Table on DynamoDB. */
export const layerDynamoTable = DynamoTable.layer.pipe(Layer.provide(DynamoClient.layer))
/** The ledger, and the Table under it. */
export const layerLedger = Ledger.layer.pipe(Layer.provideMerge(layerDynamoTable))
