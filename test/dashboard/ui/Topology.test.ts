/** The topology as it is drawn: who stands where, who is not let in, what is folded and asked for, and where the arrow keys lead. */
import { assert, describe, it } from "@effect/vitest"
import { decoders } from "../../../src/dashboard/ui/api/Decoders.ts"
import { wholeTopology } from "../../../src/dashboard/ui/state/TopologyInput.ts"
import {
  askedFor,
  type Branch,
  beyondKey,
  type Group,
  groupsOn,
  hasToggle,
  type Looked,
  placesIn,
  steppedIn
} from "../../../src/dashboard/ui/views/topology/Branches.ts"
import {
  countWords,
  isNotLetIn,
  narrowed,
  neighboursAt,
  ownersIn,
  pairsOf,
  repositoryTyped,
  spelledIn
} from "../../../src/dashboard/ui/views/topology/Connections.ts"
import { makeTopologies, neighboursOf, type TopologySize } from "../browser/StubTopology.ts"
import { understood } from "./Understood.ts"

const topologies = makeTopologies(Date.parse("2026-11-23T09:00:00Z"))
const allOf = (size: TopologySize) =>
  understood(decoders.connectionPage, { connections: topologies[size], cursor: null }).connections
const around = (size: TopologySize, repository: string) =>
  understood(decoders.neighbours, neighboursOf(topologies[size], repository))

const nothing: Looked = { toggled: new Set(), known: new Map() }
const platform = around("twenty", "acme/platform")
const knowing = (size: TopologySize, names: ReadonlyArray<string>, toggled: ReadonlyArray<string> = []): Looked => ({
  toggled: new Set(toggled),
  known: new Map(names.map((name) => [name, around(size, name)]))
})
const cardOf = (groups: ReadonlyArray<Group>, repository: string): Branch =>
  groups.flatMap(({ shown }) => shown).find((card) => card.repository === repository) ?? assert.fail(repository)
const namesOf = (groups: ReadonlyArray<Group>) => groups.map(({ shown }) => shown.map(({ repository }) => repository))

describe("connections", () => {
  const all = allOf("twenty")

  it("are narrowed by owner and name at either end, and by state; denied ones alone", () => {
    const only = (part: Partial<typeof wholeTopology>) =>
      narrowed(all, { ...wholeTopology, ...part }).map(
        ({ source, target }) => `${source.repository} ${target.repository}`
      )
    assert.lengthOf(only({}), all.length)
    assert.deepStrictEqual(only({ owner: "Initech" }), ["initech/tps-reports acme/platform"])
    assert.deepStrictEqual(only({ named: "SCAN" }), [
      "umbrella/scanner acme/platform",
      "umbrella/feeds umbrella/scanner"
    ])
    assert.lengthOf(only({ state: "denied" }), 3)
    assert.deepStrictEqual(only({ state: "denied", owner: "umbrella", named: "site" }), ["acme/platform umbrella/site"])
    assert.deepStrictEqual(only({ state: "running" }), ["acme/schemas acme/platform"])
  })

  it("want in and are not let in only where the target's own rules say so", () => {
    const [denied] = all.filter(({ decision }) => decision === "denied")
    assert(denied !== undefined)
    assert.isTrue(isNotLetIn(denied))
    assert.isTrue(isNotLetIn({ ...denied, reason: "target_config_absent" }))
    assert.isFalse(isNotLetIn({ ...denied, reason: "chain_too_deep" }))
    assert.isFalse(isNotLetIn({ ...denied, decision: "allowed" }))
  })

  it("have their counts as stored, dispatching apart from runs, and allowed only where it says more", () => {
    const [first] = all
    assert(first !== undefined)
    const words = (counts: Partial<typeof first.counts>) => {
      const zeros = { allowed: 0, denied: 0, dispatched: 0, failed: 0, withdrawn: 0, unknown: 0 }
      return countWords({ ...first, counts: { ...zeros, succeeded: 0, unsuccessful: 0, running: 0, ...counts } })
    }
    assert.deepStrictEqual(words({}), { dispatching: "", runs: "" })
    assert.deepStrictEqual(words({ allowed: 4, dispatched: 4, succeeded: 3, running: 1 }), {
      dispatching: "4 started",
      runs: "3 succeeded, 1 running"
    })
    const some = words({ allowed: 4, dispatched: 2, failed: 1, withdrawn: 1, denied: 7, unsuccessful: 2 })
    assert.deepStrictEqual(some, {
      dispatching: "4 allowed, 7 denied, 2 started, 1 not started, 1 withdrawn",
      runs: "2 unsuccessful"
    })
  })

  it("of one repository stand together whatever the case, worst first, what is not understood before all", () => {
    const [first] = all
    assert(first !== undefined)
    const to = (repository: string, state: string) => ({ ...first, state, target: { ...first.target, repository } })
    const found = neighboursAt(
      [to("a/well", "succeeded"), to("a/new", "paused"), to("a/bad", "running"), to("A/Bad", "failed")],
      "target"
    )
    assert.deepStrictEqual(
      found.map(({ repository, worst, connections }) => [repository, worst, connections.length]),
      [
        ["a/new", "paused", 1],
        ["a/bad", "failed", 2],
        ["a/well", "succeeded", 1]
      ]
    )
    const [pair] = pairsOf([to("a/bad", "refused"), { ...to("A/Bad", "refused"), decision: "denied" }])
    assert.isFalse(pair?.isDenied)
    assert.lengthOf(pairsOf(all), 20)
  })

  it("are found by what is typed: the only name that has it, or any full name", () => {
    assert.deepStrictEqual(ownersIn(all).toSorted(), ["acme", "initech", "umbrella"])
    assert.strictEqual(repositoryTyped(all, " QA-suite"), "acme/qa-suite")
    assert.isUndefined(repositoryTyped(all, "deploy"))
    assert.isUndefined(repositoryTyped(all, ""))
    assert.strictEqual(repositoryTyped(all, "ACME/platform"), "acme/platform")
    assert.strictEqual(repositoryTyped(all, "other/unlisted"), "other/unlisted")
    assert.strictEqual(spelledIn("ACME/Platform", all), "acme/platform")
    assert.strictEqual(spelledIn("o/n", all), "o/n")
  })
})

describe("a repository's neighbours", () => {
  it("stand under headings: agreed ones, those not let in, and those denied for another reason", () => {
    const before = groupsOn("before", platform, nothing)
    assert.deepStrictEqual(
      before.map(({ heading }) => heading),
      ["Start it", "Want in and are not let in"]
    )
    assert.deepStrictEqual(namesOf(before), [
      ["acme/toolchain", "acme/schemas", "acme/base-image", "acme/portal"],
      ["umbrella/scanner", "initech/tps-reports"]
    ])
    const after = groupsOn("after", platform, nothing)
    assert.deepStrictEqual(namesOf(after).at(-1), ["umbrella/site"])
    assert.strictEqual(after.at(-1)?.heading, "Do not let it in")
    const deep = platform.starts.map((one) => ({ ...one, decision: "denied" as const, reason: "chain_too_deep" }))
    const [only] = groupsOn("after", { ...platform, starts: deep }, nothing)
    assert.strictEqual(only?.heading, "Denied for another reason")
  })

  it("a few are asked what is behind them at once, the others when a viewer wants it, and no more then", () => {
    const before = groupsOn("before", platform, nothing)
    assert.lengthOf(askedFor(before), 5)
    const last = cardOf(before, "initech/tps-reports")
    assert.isTrue(hasToggle(last))
    assert.strictEqual(last.beyond?._tag, "Unasked")
    const shown = groupsOn("before", platform, { ...nothing, toggled: new Set([last.key]) })
    assert.include(askedFor(shown), "initech/tps-reports")
    assert.isTrue(hasToggle(cardOf(shown, "initech/tps-reports")))
    const large = around("threeHundred", "acme/platform-base-image")
    assert.lengthOf(askedFor(groupsOn("after", large, nothing)), 5)
  })

  it("have a second step as it is known: under way, failed, or what leads on in the same direction", () => {
    const beyond = (looked: Looked, repository: string) =>
      cardOf(groupsOn("after", platform, looked), repository).beyond
    assert.deepStrictEqual(beyond(nothing, "acme/docs"), { _tag: "Asking" })
    assert.deepStrictEqual(beyond({ ...nothing, known: new Map([["acme/docs", "failed"]]) }, "acme/docs"), {
      _tag: "Failed"
    })
    const known = beyond(knowing("twenty", ["acme/docs"]), "acme/docs")
    assert(known?._tag === "Known")
    assert.deepStrictEqual(namesOf(known.groups), [
      ["acme/recommendations-and-personalisation-service", "acme/search-api"]
    ])
    const back = cardOf(groupsOn("before", platform, knowing("twenty", ["acme/base-image"])), "acme/base-image").beyond
    assert.deepStrictEqual(back?._tag === "Known" && namesOf(back.groups), [["acme/toolchain"]])
  })

  it("fold where they are many, and unfold and fold again", () => {
    const large = around("threeHundred", "acme/platform-base-image")
    const [agreed] = groupsOn("after", large, nothing)
    assert.strictEqual(agreed?.shown.length, 8)
    assert.isAbove(agreed?.folded ?? 0, 20)
    const [all] = groupsOn("after", large, { ...nothing, toggled: new Set([agreed?.key ?? ""]) })
    assert.strictEqual(all?.unfolded, agreed?.folded)
    assert.strictEqual(all?.shown.length, 8 + (agreed?.folded ?? 0))
  })
})

describe("the way of the keys between neighbours", () => {
  const looked = knowing("twenty", ["acme/docs", "acme/base-image"])
  const groups = [...groupsOn("before", platform, looked), ...groupsOn("after", platform, looked)]
  const places = placesIn("acme/platform", groups)
  const at = (key: string) => places.find((place) => place.key === key) ?? assert.fail(key)
  const walked = (keys: ReadonlyArray<string>, isList = false) => {
    let place = places[0]
    for (const key of keys) place = place && steppedIn(places, place, key, isList)
    return place?.repository
  }

  it("leads along the edges, away from the repository on both sides and back", () => {
    assert.strictEqual(walked([]), "acme/platform")
    assert.strictEqual(walked(["ArrowRight"]), "acme/portal")
    assert.strictEqual(walked(["ArrowRight", "ArrowLeft"]), "acme/platform")
    assert.strictEqual(walked(["ArrowLeft"]), "acme/toolchain")
    assert.strictEqual(walked(["ArrowLeft", "ArrowDown", "ArrowDown"]), "acme/base-image")
    assert.strictEqual(walked(["ArrowLeft", "ArrowDown", "ArrowDown", "ArrowLeft"]), "acme/toolchain")
    assert.strictEqual(walked(["ArrowLeft", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowRight"]), "acme/base-image")
    assert.strictEqual(walked(["Home"]), "acme/platform")
  })

  it("in a list leads line by line", () => {
    assert.strictEqual(walked(["ArrowDown", "ArrowDown"], true), "acme/schemas")
    assert.strictEqual(walked(["ArrowDown", "ArrowLeft"], true), "acme/platform")
  })

  it("comes to what shows a second step, right of its card", () => {
    const card = cardOf(groups, "initech/tps-reports")
    const toggle = steppedIn(places, at(card.key), "ArrowLeft", false)
    assert.strictEqual(toggle?.key, beyondKey(card))
    assert.strictEqual(toggle?.toggles, card.key)
  })
})
