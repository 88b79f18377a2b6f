/** Asks for a page through a proxy that takes its time, and may send only for half a second. */
import { Effect } from "effect"
import { Fetch, layer } from "../../../src/adapters/github/Fetch.ts"

const [url = "", httpsProxy = "", ...ca] = process.argv.slice(2)
const end = performance.now() + 500
let asked = false
const gate = () => {
  asked = true
  return performance.now() <= end
}
const program = Effect.gen(function* () {
  const send = yield* Fetch
  const answer = yield* Effect.exit(Effect.tryPromise(() => send(url, { method: "POST", body: "{}" }, gate)))
  process.stdout.write(answer._tag === "Failure" ? `withheld, gate asked: ${asked}\n` : "sent\n")
})
await Effect.runPromise(Effect.provide(program, layer({ httpsProxy, ca })))
