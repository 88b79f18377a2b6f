import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { configJsonSchema } from "../../../src/domain/ConfigJsonSchema.ts"
import { dispatcher, folder } from "./support.ts"

describe("dispatcher schema", () => {
  it.live("prints the schema and nothing else", () =>
    Effect.gen(function* () {
      const { code, stdout, stderr } = yield* dispatcher(["schema"], { cwd: yield* folder() })
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.deepStrictEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(configJsonSchema)))
    })
  )
})
