/**
 * The thread of `StepCounter.ts`: answers each text with the steps that it took to read it. V8 counts branches only of code that it
 * compiles while it counts, and that code stays slow; so this thread counts before it loads anything, and nothing else runs in it.
 */
import { Session } from "node:inspector"
import { parentPort } from "node:worker_threads"

const session = new Session()
session.connect()
session.post("Profiler.enable")
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true })

/** The steps since it was last called. */
const taken = (): number => {
  let steps = 0
  session.post("Profiler.takePreciseCoverage", (error, { result }) => {
    if (error !== null) throw error
    for (const { functions } of result) {
      for (const { ranges } of functions) for (const { count } of ranges) steps += count
    }
  })
  return steps
}

const { parseConfig } = await import("../../src/domain/ConfigFile.ts")

parentPort?.on("message", (text: string) => {
  taken()
  parseConfig(text)
  parentPort?.postMessage(taken())
})
