/** `npm run bench`: what things cost. All of it, or the parts that are named: rules, flow, burst, accept, record, recorders, rollup, facts, lambda, cost. */
import { benchAccept } from "./accept/Accept.ts"
import { benchBurst } from "./burst/Burst.ts"
import { benchCost } from "./cost/Cost.ts"
import { benchFacts } from "./Facts.ts"
import { benchFlow } from "./Flow.ts"
import { benchLambda } from "./lambda.ts"
import { benchRecorders } from "./Recorders.ts"
import { benchRecording } from "./Recording.ts"
import { benchRollup } from "./Rollup.ts"
import { benchRules } from "./Rules.ts"

const parts: Readonly<Record<string, () => void | Promise<void>>> = {
  rules: benchRules,
  flow: benchFlow,
  burst: benchBurst,
  accept: benchAccept,
  record: benchRecording,
  recorders: benchRecorders,
  rollup: benchRollup,
  facts: benchFacts,
  lambda: benchLambda,
  cost: benchCost
}
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"))

for (const [name, bench] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) await bench()
process.exit()
