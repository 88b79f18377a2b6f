import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { isExactPath } from "../../../src/entry/routes/Addresses.ts"
import { misspelt } from "../../fixtures/Addresses.ts"

describe("isExactPath", () => {
  it.each([
    "/",
    "/admin",
    "/admin/app.js",
    "/admin/api/deliveries/72d3162e-cc78-11e3-81ab-4c9367dc0958/journey",
    "/admin/api/runs/1/2/3/journey"
  ])("takes %s", (path) => assert.isTrue(isExactPath(path)))

  it.each([
    "",
    "*",
    "admin",
    "%2fadmin",
    "/.env",
    ...misspelt("/admin").filter((path) => path.toLowerCase() !== "/admin")
  ])("refuses %s", (path) => assert.isFalse(isExactPath(path)))

  it.prop("is of paths that mean themselves, however they are read", [Schema.String], ([text]) => {
    const path = `/${text}`
    if (!isExactPath(path)) return
    assert.strictEqual(new URL(`https://host${path}`).pathname, path)
    assert.strictEqual(decodeURIComponent(path), path)
    assert.notMatch(path, /\/\/|.\/$/)
  })
})
