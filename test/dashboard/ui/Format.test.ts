/** How numbers, times and links are written. */
import { assert, describe, it } from "@effect/vitest"
import { commitUrl, originOf, ruleUrl, safeUrl } from "../../../src/dashboard/ui/format/GitHub.ts"
import { change, count, duration, share } from "../../../src/dashboard/ui/format/Numbers.ts"
import {
  ago,
  axisLabel,
  exactly,
  localInput,
  rfc3339,
  stepTime,
  timeOfDay
} from "../../../src/dashboard/ui/format/Times.ts"
import { reasonLabel } from "../../../src/dashboard/ui/format/Words.ts"
import { RepositoryName } from "../../../src/domain/Names.ts"

describe("numbers", () => {
  it("counts have separators, and are short from a million on", () => {
    assert.deepStrictEqual(
      [0, 12_345, 1_234_567].map((value) => count(value, "en")),
      ["0", "12,345", "1.2M"]
    )
  })

  it("a share is never rounded to all or nothing", () => {
    const shares = [null, 0, 0.00001, 0.5, 0.9837, 0.99999, 1].map((value) => share(value, "en"))
    assert.deepStrictEqual(shares, ["–", "0%", "0.1%", "50%", "98.4%", "99.9%", "100%"])
  })

  it("durations have the unit that fits", () => {
    const written = [null, 0, 840, 1_234, 12_400, 59_600, 125_000, 3_599_700, 3_840_000, 90_000_000].map((value) =>
      duration(value, "en")
    )
    const expected = ["–", "under 1 s", "840 ms", "1.2 s", "12 s", "1 min", "2 min 5 s", "1 h", "1 h 4 min", "1 d 1 h"]
    assert.deepStrictEqual(written, expected)
  })

  it("changes are percent, factors where percent get silly, and news", () => {
    const changes = [
      [10, 10],
      [112, 100],
      [97, 100],
      [1_000, 1_001],
      [42, 10],
      [3, 0],
      [0, 3]
    ] as const
    assert.deepStrictEqual(
      changes.map(([now, before]) => change(now, before, "en").label),
      ["±0%", "+12%", "−3%", "−<1%", "×4.2", "new", "−100%"]
    )
    assert.strictEqual(change(0, 3).direction, "down")
  })
})

describe("times", () => {
  const now = Date.parse("2026-11-23T09:00:00Z")

  it("are relative, and clocks that run ahead are now", () => {
    const times = [-3_000, 0, 12_000, 180_000, 7_200_000, 100_000_000, 400_000_000].map((before) =>
      ago(now - before, now)
    )
    assert.deepStrictEqual(times, ["just now", "just now", "12 s ago", "3 min ago", "2 h ago", "27 h ago", "4 d ago"])
  })

  it("a step is shown as so long after the beginning, and none as before it by as much as clocks differ", () => {
    const begun = Date.UTC(2026, 2, 1, 9, 0, 0, 600)
    assert.strictEqual(stepTime(begun + 1_200, begun), "+1.2 s")
    // The beginning is by our clock, a start by GitHub's, which has whole seconds.
    for (const earlier of [100, 2_000]) assert.strictEqual(stepTime(begun - earlier, begun), "+0 s")
    assert.strictEqual(stepTime(begun, begun), timeOfDay(begun))
    assert.strictEqual(stepTime(begun - 60_000, begun), timeOfDay(begun - 60_000))
  })

  it("are exact in the viewer's zone, which they name", () => {
    assert.include(exactly(now, "en", "Europe/Berlin"), "10:00:00")
    assert.include(exactly(now, "en", "Europe/Berlin"), "GMT+1")
  })

  it("label an axis with what distinguishes its points; days of trends are days in UTC", () => {
    const day = 86_400_000
    assert.strictEqual(axisLabel(Date.UTC(2026, 10, 23), "day", 30 * day, "en"), "Nov 23")
    assert.match(axisLabel(now, "hour", 7 * day, "en"), /^Nov \d+$/)
    assert.match(axisLabel(now, "hour", day, "en"), /^\d+ [AP]M$/)
    assert.match(axisLabel(now, "minute", 3_600_000, "en"), /^\d+:\d\d [AP]M$/)
  })

  it("go to the API in UTC, and to a field in the viewer's zone and back", () => {
    assert.strictEqual(rfc3339(now + 123), "2026-11-23T09:00:00Z")
    assert.strictEqual(Date.parse(localInput(now)), now)
  })
})

describe("links", () => {
  it("lead to http and https only", () => {
    for (const address of [
      "javascript:alert(1)",
      "data:text/html,x",
      "//evil.example",
      "nonsense",
      "",
      null,
      undefined
    ]) {
      assert.strictEqual(safeUrl(address), undefined)
    }
    assert.strictEqual(safeUrl("https://github.com/a/b"), "https://github.com/a/b")
  })

  it("to rules and commits stay on the run's own GitHub, and names cannot leave their place", () => {
    const origin = originOf("https://ghe.example:8443/acme/shop/actions/runs/1")
    assert.strictEqual(origin, "https://ghe.example:8443")
    const rule = {
      repository: RepositoryName.make("acme/shop"),
      file: ".github/dispatching.yml",
      path: "outbound[0]",
      line: 7
    }
    assert.strictEqual(
      ruleUrl("https://github.com", rule),
      "https://github.com/acme/shop/blob/HEAD/.github/dispatching.yml#L7"
    )
    assert.strictEqual(
      commitUrl("https://github.com", "acme/shop", "a/../?b"),
      "https://github.com/acme/shop/commit/a%2F..%2F%3Fb"
    )
    assert.strictEqual(originOf("javascript:alert(1)"), undefined)
  })
})

describe("words", () => {
  it("a reason that the page does not know is shown as it is", () => {
    assert.strictEqual(reasonLabel("inbound_not_allowed"), "No inbound rule")
    assert.strictEqual(reasonLabel("some_new_reason"), "some new reason")
    assert.strictEqual(reasonLabel("constructor"), "constructor")
  })
})
