/** A chain as it is drawn: failures first, successes folded, the arrow keys along the edges, and nothing said that is not known. */
import { assert, describe, it } from "@effect/vitest"
import { decoders } from "../../../src/dashboard/ui/api/Decoders.ts"
import { type ChainItem, treesOf } from "../../../src/dashboard/ui/views/chain/Tree.ts"
import { firstFailure, foldedBelow, foldKey, stepped, stopsOf } from "../../../src/dashboard/ui/views/chain/Walk.ts"
import { noteOf, saidOfEdge, saidOfRun } from "../../../src/dashboard/ui/views/chain/Words.ts"
import type { ChainEdge, ChainNode } from "../../../src/domain/Chain.ts"
import type { ChainSize } from "../browser/StubChainPlans.ts"
import { makeChains } from "../browser/StubChains.ts"
import { chainViewOf } from "../browser/StubLists.ts"
import { understood } from "./Understood.ts"

const chains = makeChains(Date.parse("2026-11-23T09:00:00Z"))
const viewOf = (size: ChainSize) =>
  understood(decoders.chain, JSON.parse(JSON.stringify(chainViewOf(chains[size], chains[size].root))))
const treeOf = (size: ChainSize): ChainItem => treesOf(viewOf(size))[0] ?? assert.fail("there is no tree")
const allOf = (item: ChainItem): ReadonlyArray<ChainItem> => [item, ...item.below.flatMap(allOf)]
const nameOf = ({ repository }: ChainItem): string => repository.slice("acme/".length)
const none: ReadonlySet<string> = new Set()

const [root] = viewOf("twenty").nodes
assert(root !== undefined)
const started = viewOf("twenty").nodes.find(({ depth }) => depth === 1)
const edge = root.edges.find(({ orderId }) => orderId === started?.parent)
assert(started !== undefined && edge !== undefined)
const edgeLike = (fields: Partial<ChainEdge>) => ({ ...edge, result: null, reason: null, message: null, ...fields })
const nodeLike = (fields: Partial<ChainNode>) => ({ ...root, ...fields })

describe("a chain as a tree", () => {
  it.each([
    ["two", 2],
    ["twenty", 20],
    ["twoHundred", 200]
  ] as const)("of %s runs has a card for each, its key its own", (size, number) => {
    const cards = allOf(treeOf(size))
    assert.lengthOf(cards, number)
    assert.strictEqual(new Set(cards.map(({ key }) => key)).size, number)
  })

  it("has failures first, then what is alive, then what was refused, and what merely succeeded last", () => {
    const { below } = treeOf("twenty")
    const rank = ({ isTroubled, isStirring, isQuiet }: ChainItem) => (isTroubled ? 0 : isStirring ? 1 : isQuiet ? 3 : 2)
    assert.deepStrictEqual(
      below.map(rank),
      below.map(rank).toSorted((a, b) => a - b)
    )
    assert.deepStrictEqual(new Set(below.map(rank)), new Set([0, 1, 2, 3]))
    assert.includeMembers(below.filter(({ isTroubled }) => isTroubled).map(nameOf), ["deploy-staging", "infra-live"])
  })

  it("a target without a run of its own is a leaf, with its source's journey; a run has its own", () => {
    const tree = treeOf("two")
    const [leaf] = tree.below
    assert.strictEqual(leaf?.word, "Running")
    assert.isTrue(leaf?.isAlive)
    assert.strictEqual(leaf?.journey, tree.journey)
    const journeys = allOf(treeOf("twenty"))
      .filter(({ states }) => states !== undefined)
      .map(({ journey }) => journey)
    assert.strictEqual(new Set(journeys).size, journeys.length)
  })

  it("says of each attempt of a started run how it ended, and of one that is no run yet, too", () => {
    const ended = (attempt: number) => {
      const result = { _tag: "Completed", conclusion: "success", attempt, completedAt: "", duration: null } as const
      const first = nodeLike({ edges: [{ ...edge, state: "succeeded", result } as ChainEdge] })
      const again = { ...started, run: "1/2/2", attempt: 2, edges: [] }
      const nodes = [first, { ...started, edges: [], conclusion: "failure" }, again]
      return treesOf({ nodes, more: false })[0]?.below.map(({ word, state }) => [word, state])
    }
    assert.sameDeepMembers(
      [...(ended(2) ?? [])],
      [
        ["Failure", "failed"],
        ["Success, attempt 2", "succeeded"]
      ]
    )
    assert.lengthOf(ended(3) ?? [], 3)
  })

  it("what belongs to no run that is listed is a tree of its own", () => {
    const nodes = viewOf("twenty").nodes.filter(({ depth }) => depth > 0)
    assert.isAbove(treesOf({ nodes, more: false }).length, 1)
    assert.deepStrictEqual(treesOf({ nodes: [], more: false }), [])
  })
})

describe("what is folded, and the way of the keys", () => {
  const tree = treeOf("twoHundred")

  it("many siblings that merely succeeded fold together, nothing else does", () => {
    const { seen, folded } = foldedBelow(tree, 1, none)
    assert.isTrue(folded.every(({ isQuiet }) => isQuiet))
    assert.strictEqual(seen.length + folded.length, tree.below.length)
    assert.isBelow(stopsOf([tree], none).length, 20)
    const all = foldedBelow(tree, 1, new Set([tree.key]))
    assert.deepStrictEqual(all, { seen: tree.below, folded: [], unfolded: folded.length })
    assert.strictEqual(stopsOf([tree], new Set([tree.key])).at(-1)?.key, foldKey(tree))
    assert.deepStrictEqual(foldedBelow(treeOf("twenty"), 1, none).folded, [])
    const quiet = allOf(tree).find(({ isQuiet, below }) => isQuiet && below.length > 3)
    assert(quiet !== undefined)
    assert.deepStrictEqual(foldedBelow(quiet, 2, none).seen, [])
    assert.deepStrictEqual(foldedBelow(quiet, 1, none).folded, [])
  })

  it("arrows walk along the edges and in the column; in a list line by line", () => {
    const stops = stopsOf([tree], none)
    const [first, second] = stops
    assert(first !== undefined && second !== undefined)
    assert.strictEqual(stepped(stops, first, "ArrowRight", false), second)
    assert.strictEqual(stepped(stops, second, "ArrowLeft", false), first)
    assert.isUndefined(stepped(stops, first, "ArrowDown", false))
    assert.strictEqual(stepped(stops, first, "ArrowDown", true), second)
    const below = stepped(stops, second, "ArrowDown", false)
    assert.strictEqual(below?.level, 2)
    assert.strictEqual(below && stepped(stops, below, "ArrowUp", false), second)
    assert.strictEqual(stepped(stops, second, "End", false)?.key, foldKey(tree))
    assert.strictEqual(stepped(stops, second, "Home", false), first)
  })

  it("the first failure is the one at the end of its branch", () => {
    assert.match(firstFailure(stopsOf([tree], none))?.item.word ?? "", /^Failure/)
    assert.isUndefined(firstFailure(stopsOf([treeOf("two")], none)))
  })
})

describe("the words of a chain", () => {
  it("say why nothing was started, and what is not known as not known", () => {
    const words = [
      edgeLike({ state: "failed", status: "failed", reason: "not_found" }),
      edgeLike({ state: "failed", status: "unknown" }),
      edgeLike({ state: "refused", status: "denied", reason: "inbound_not_allowed" }),
      edgeLike({ state: "open", status: "queued" }),
      edgeLike({ state: "unseen", status: "dispatched", result: { _tag: "Lost", message: "gone" } }),
      { ...edgeLike({}), state: "paused" }
    ].map((one) => saidOfEdge(one).word)
    assert.deepStrictEqual(words, [
      "Not started: GitHub: not found",
      "Unknown",
      "Denied: No inbound rule",
      "Not started yet",
      "End not known",
      "paused"
    ])
    assert.strictEqual(saidOfRun(nodeLike({ conclusion: null, url: null })).word, "Not known yet")
    assert.strictEqual(saidOfRun(nodeLike({ conclusion: null })).word, "No conclusion")
    assert.strictEqual(saidOfRun(nodeLike({ conclusion: "timed_out" })).state, "failed")
  })

  it("a run that starts nothing is worth a line only as the first of a chain", () => {
    assert.isNull(noteOf(nodeLike({ status: "ignored", depth: 1 })))
    assert.strictEqual(noteOf(nodeLike({ status: "ignored", message: "no rule" })), "Ignored: no rule")
    assert.strictEqual(noteOf(nodeLike({ status: "waiting", depth: 2, message: null })), "Waiting for a plan")
    assert.isNull(noteOf(nodeLike({ status: "done" })))
  })
})
