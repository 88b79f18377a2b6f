/** The view and its URL: what is shared is what is shown, and nothing odd in a URL gets into the page. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { reasonNames, searchedStatuses } from "../../../src/dashboard/ui/format/Words.ts"
import { guessed, sought } from "../../../src/dashboard/ui/state/Find.ts"
import { fittedSearch } from "../../../src/dashboard/ui/state/Searches.ts"
import { connectionStates } from "../../../src/dashboard/ui/state/TopologyInput.ts"
import {
  activeFilters,
  comparing,
  eventsAbout,
  filterNames,
  formatView,
  initialView,
  keepingFilters,
  parseView,
  periods,
  rankedWindowOf,
  tabs,
  toggled,
  topologyOf,
  type ViewState,
  withoutFilters
} from "../../../src/dashboard/ui/state/View.ts"
import { conclusions, findKeys, rankings } from "../../../src/domain/Vocabulary.ts"

const repository = Schema.Literals(["acme/shop", "Acme-1/a.b_c", "o/n", "acme/recommendations"])
const time = Schema.Literals(["2026-11-23T09:00:00Z", "2026-11-22T00:30:00Z"])
const AnyView = Schema.Struct({
  tab: Schema.Literals(tabs),
  source: Schema.UndefinedOr(repository),
  target: Schema.UndefinedOr(repository),
  status: Schema.UndefinedOr(Schema.Literals(searchedStatuses)),
  reason: Schema.UndefinedOr(Schema.Literals(reasonNames)),
  period: Schema.Literals(periods),
  from: Schema.UndefinedOr(time),
  to: Schema.UndefinedOr(time),
  ranking: Schema.Literals(rankings),
  find: Schema.UndefinedOr(
    Schema.Struct({ by: Schema.Literals(findKeys), value: Schema.Literals(["7", "a=b&c d+é#%", "https://x/y?z=1"]) })
  ),
  compare: Schema.Array(Schema.Struct({ kind: Schema.Literals(["source", "target"]), repository })).check(
    Schema.isMaxLength(2)
  ),
  chain: Schema.UndefinedOr(Schema.Literals(["1000/19000000000/1"])),
  journey: Schema.UndefinedOr(Schema.Literals(["5ca1ab1e-8f2e-11f1-9d7c-000000000001", "1000/19000000000/2"])),
  topology: Schema.Struct({
    around: Schema.UndefinedOr(repository),
    owner: Schema.UndefinedOr(Schema.Literals(["acme", "Acme-1"])),
    state: Schema.UndefinedOr(Schema.Literals(connectionStates)),
    named: Schema.UndefinedOr(Schema.Literals(["shop", "a=b&c d+é#%"]))
  }),
  supposed: Schema.Struct({
    repository: Schema.UndefinedOr(repository),
    workflow: Schema.UndefinedOr(Schema.Literals(["ci.yml", "dynamic/pages/pages-build-deployment"])),
    branch: Schema.UndefinedOr(Schema.Literals(["main", "release/2.4", "a=b&c d+é#%"])),
    conclusion: Schema.UndefinedOr(Schema.Literals(conclusions)),
    event: Schema.UndefinedOr(Schema.Literals(["push", "schedule"])),
    fork: Schema.Boolean
  })
})

describe("the view in the URL", () => {
  it.prop("reads what it wrote", [AnyView], ([view]) => {
    assert.deepStrictEqual<ViewState>(parseView(formatView(view)), view)
  })

  it("is nothing at the start, and readable after that", () => {
    assert.strictEqual(formatView(initialView), "")
    const view = {
      ...initialView,
      source: "acme/shop",
      compare: [{ kind: "source", repository: "acme/shop" }]
    } as const
    assert.strictEqual(formatView(view), "?source=acme/shop&compare=source:acme/shop")
  })

  it("leaves out what makes no sense", () => {
    const odd =
      "?view=nope&source=<script>&target=shop&status=broken&reason=A B&range=2y&from=soon&to=2026-02-31&ranking=best&compare=source:x,y&journey=../../x&chain=1/2&repository=shop&workflow=%20&branch=a%0Ab&conclusion=great&fork=maybe&around=shop&owner=a/b&state=fine&named=%20"
    assert.deepStrictEqual(parseView(odd), initialView)
  })

  it("takes a CloudEvents type for its status", () => {
    assert.strictEqual(parseView("?type=dispatch.trigger.failed").status, "failed")
    assert.strictEqual(parseView("?type=dispatch.trigger.failed&status=denied").status, "denied")
    assert.strictEqual(parseView("?type=toString").status, undefined)
  })

  it("compares at most two", () => {
    assert.lengthOf(parseView("?compare=source:a/b,target:c/d,source:e/f").compare, 2)
  })
})

describe("changing the view", () => {
  it("a click sets a filter, and the same click again clears it, whatever the case", () => {
    const shop = toggled(initialView, "source", "acme/shop")
    assert.strictEqual(shop.source, "acme/shop")
    assert.strictEqual(toggled(shop, "source", "ACME/Shop").source, undefined)
    assert.strictEqual(toggled(shop, "source", "acme/docs").source, "acme/docs")
  })

  it("the topology of a repository is in the place of what is open, and leads to events and filters without it", () => {
    const view = topologyOf({ ...initialView, chain: "1/2/3", journey: "1/2/3", source: "acme/shop" }, "acme/docs")
    assert.strictEqual(formatView(view), "?view=topology&source=acme/shop&around=acme/docs")
    assert.strictEqual(formatView(topologyOf(view)), "?view=topology&source=acme/shop")
    const events = eventsAbout(view, { source: "acme/docs", target: "acme/site" })
    assert.strictEqual(formatView(events), "?view=events&source=acme/docs&target=acme/site&range=7d")
    assert.strictEqual(
      formatView(toggled(view, "target", "acme/site")),
      "?view=events&source=acme/shop&target=acme/site"
    )
  })

  it.prop("a reset leaves no filter and the usual period, and keeps the tab", [AnyView], ([view]) => {
    const reset = withoutFilters(view)
    assert.deepStrictEqual(activeFilters(reset), [])
    assert.strictEqual(reset.period, initialView.period)
    assert.strictEqual(reset.tab, view.tab)
  })

  it("an unsupported search keeps what a supported one needs, and the time", () => {
    const view: ViewState = {
      ...initialView,
      source: "acme/shop",
      target: "acme/deploy",
      reason: "not_found",
      from: "2026-11-23T09:00:00Z"
    }
    assert.deepStrictEqual(activeFilters(keepingFilters(view, ["source", "target"])), ["source", "target", "from"])
    assert.includeMembers([...filterNames], [...activeFilters(view)])
  })

  it("a third repository takes the place of the second, and one that is there already leaves", () => {
    const side = (repository: string) => ({ kind: "source", repository }) as const
    const two = comparing(comparing(initialView, side("a/a")), side("b/b"))
    assert.deepStrictEqual(two.compare, [side("a/a"), side("b/b")])
    assert.deepStrictEqual(comparing(two, side("c/c")).compare, [side("a/a"), side("c/c")])
    assert.deepStrictEqual(comparing(two, side("A/A")).compare, [side("b/b")])
  })

  it("every period has the nearest window that is ranked", () => {
    assert.deepStrictEqual(periods.map(rankedWindowOf), ["15m", "1h", "24h", "7d", "7d", "7d"])
  })

  it("a status without events is no filter", () => {
    assert.strictEqual(parseView("?status=planned").status, undefined)
    assert.strictEqual(parseView("?status=invalid").status, "invalid")
  })
})

describe("filters that go together", () => {
  const searches = [[], ["source"], ["target"], ["source", "target"], ["status"], ["source", "status"], ["reason"]]
  const both: ViewState = { ...initialView, source: "acme/shop", target: "acme/deploy" }

  it("a click lets go what does not go with it", () => {
    const { source, target, status } = fittedSearch({ ...both, status: "failed" }, both, searches)
    assert.deepStrictEqual([source, target, status], ["acme/shop", undefined, "failed"])
    assert.deepStrictEqual(fittedSearch({ ...both, reason: "not_found" }, both, searches), {
      ...initialView,
      reason: "not_found"
    })
  })

  it("what goes together stays, and so does what was there before", () => {
    const shop: ViewState = { ...initialView, source: "acme/shop" }
    assert.deepStrictEqual(fittedSearch(both, shop, searches), both)
    const shared: ViewState = { ...both, status: "failed" }
    assert.deepStrictEqual(fittedSearch({ ...shared, tab: "events" }, shared, searches), { ...shared, tab: "events" })
    assert.deepStrictEqual(fittedSearch(shared, both, []), shared)
  })
})

describe("what a run is looked for by", () => {
  it("is guessed from what was typed, and freed of the sign that says so", () => {
    const typed = [
      "#12",
      "345",
      "19000000000",
      "https://ghe.test/a/b/actions/runs/7",
      "c0ffee".repeat(6).padEnd(40, "0")
    ]
    assert.deepStrictEqual(typed.map(guessed), ["number", "number", "run", "run", "commit"])
    assert.deepStrictEqual(["release/2.4", "@mona", "c0ffee"].map(guessed), ["branch", "actor", "branch"])
    assert.deepStrictEqual(
      [sought("number", " #12 "), sought("actor", "@mona"), sought("branch", "@x")],
      ["12", "mona", "@x"]
    )
  })
})
