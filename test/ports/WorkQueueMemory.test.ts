import { Effect } from "effect"
import { makeStore } from "../../src/ports/WorkQueueMemory.ts"
import { queueOverStore } from "../contracts/QueueOverStore.ts"
import { testTime } from "../contracts/Time.ts"
import { workQueueContract } from "../contracts/WorkQueue.ts"

workQueueContract("in memory", queueOverStore(Effect.sync(makeStore)), testTime)
