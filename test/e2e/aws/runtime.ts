/**
 * Lambda's runtime, as far as handlers can see: loads the function that is named on the command line, says that it is ready, and then
 * handles one event after another. Talks with `Functions.ts` over IPC; dies like the real one when it is killed.
 */
import { flushCompileCache } from "node:module"
import { pathToFileURL } from "node:url"
import type { Answered, Invoke } from "./Functions.ts"

const answer = (answer: Answered | "ready") => process.send?.(answer)

const { handler } = await import(pathToFileURL(process.argv[2] ?? "").href)

process.on("message", async ({ id, event, remaining }: Invoke) => {
  const end = Date.now() + remaining
  const context = { awsRequestId: id, getRemainingTimeInMillis: () => end - Date.now() }
  try {
    answer({ id, result: await handler(event, context) })
  } catch (error) {
    answer({ id, error: String(error) })
  }
  // Who is killed leaves no compiled code for the next one. The first event has compiled most of it; to repeat this does nothing.
  flushCompileCache()
})
process.on("disconnect", () => process.exit())
answer("ready")
