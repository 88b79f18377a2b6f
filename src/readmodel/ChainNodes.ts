/**
 * Chains: each run that is part of one is a node in the chain's own partition, so that a whole chain is one range, the root first.
 *
 * | partition (table `projections`) | sort | holds |
 * | --- | --- | --- |
 * | `chain/<root run key>` | `<depth>/<run key>` | the node, folded |
 */
import { ChainNode } from "../domain/Chain.ts"
import type { ChainPlace } from "../domain/Order.ts"
import type { ShownRun } from "../domain/RunFold.ts"
import type { RunKey } from "../domain/SourceRun.ts"
import type { Appended, Key } from "../ports/Table.ts"
import { asAttributes, itemDecoder } from "./Items.ts"

/** The range of all nodes of a chain, those nearest to the root first. */
export const chainRange = (root: RunKey) => ({ table: "projections", partition: `chain/${root}` }) as const

/** Where the node of a run is. Depths sort as text, up to 9999. */
export const nodeKey = (run: RunKey, { root, depth }: Pick<ChainPlace, "root" | "depth">): Key => ({
  ...chainRange(root),
  sort: `${String(depth).padStart(4, "0")}/${run}`
})

/** The item of a run that is part of a chain. */
export const chainItems = ({ node }: ShownRun): ReadonlyArray<Pick<Appended, "key" | "attributes">> =>
  node === undefined ? [] : [{ key: nodeKey(node.run, node), attributes: asAttributes(node) }]

/** Reads a node. */
export const decodeNode = itemDecoder(ChainNode)
