/**
 * How much work it is to read a file, counted in steps instead of time: how often V8 enters a function or a branch of one. A text makes
 * the same steps however busy the machine is. What built-in functions do, such as `indexOf`, is not counted.
 */
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { afterAll, beforeAll } from "@effect/vitest"

/** To be called in a suite: counts the steps that `parseConfig` makes for a text. One text at a time. */
export const stepCounter = (): ((text: string) => Promise<number>) => {
  let worker: Worker
  beforeAll(() => {
    worker = new Worker(new URL("countingThread.ts", import.meta.url))
  })
  afterAll(() => worker.terminate())
  return async (text) => {
    worker.postMessage(text)
    const [steps] = await once(worker, "message")
    return steps
  }
}
