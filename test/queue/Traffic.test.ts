/** When there is a flood of deliveries, and how far stages step back. */
import { assert, describe, it } from "@effect/vitest"
import { Traffic } from "../../src/queue/Traffic.ts"

/** So many deliveries, one each 5 ms from a moment on. */
const arriving = (deliveries: number, from: number, idleMillis?: () => number) => {
  const traffic = new Traffic(idleMillis)
  for (let index = 0; index < deliveries; index++) traffic.arrived(from + index * 5)
  return traffic
}

describe("traffic", () => {
  const now = Date.parse("2026-01-01T00:00:00Z")

  it("of few deliveries, or of some time ago, leaves stages alone", () => {
    for (const traffic of [arriving(19, now - 95), arriving(40, now - 1200)]) {
      traffic.took(now, 50)
      assert.deepStrictEqual([traffic.isFlood(now), traffic.pause(now), traffic.batch(now, 50)], [false, 0, 50])
    }
  })

  it("that is a flood has stages take less, and wait", () => {
    const traffic = arriving(20, now - 95)
    assert.isTrue(traffic.isFlood(now))
    assert.deepStrictEqual([traffic.pause(now), traffic.batch(now, 50)], [0, 5])
    traffic.took(now, 2)
    assert.strictEqual(traffic.pause(now), 40)
    assert.strictEqual(traffic.pause(now + 15), 25)
    assert.strictEqual(traffic.pause(now + 1100), 0, "the flood is over")
  })

  it("lasts while work that was taken up before holds up the next deliveries", () => {
    const traffic = arriving(20, now - 95)
    assert.isTrue(traffic.isFlood(now + 900))
    assert.strictEqual(traffic.batch(now + 900, 50), 5)
    for (let late = 0; late < 5; late++) traffic.arrived(now + 900 + late)
    assert.isFalse(traffic.isFlood(now + 1100))
  })

  it("is over early where the process has had nothing to do and nothing arrived", () => {
    let idle = 5000
    const traffic = arriving(20, now - 95, () => idle)
    traffic.took(now, 50)
    idle += 99
    assert.deepStrictEqual([traffic.isFlood(now + 99), traffic.pause(now + 99)], [true, 901])
    traffic.arrived(now + 99)
    idle += 99
    assert.isTrue(traffic.isFlood(now + 198), "counted from the last arrival")
    idle += 1
    assert.deepStrictEqual([traffic.isFlood(now + 199), traffic.pause(now + 199)], [false, 0])
  })
})
