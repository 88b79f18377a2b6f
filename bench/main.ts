/** `npm run bench`: what things cost. All of it, or the parts that are named: rules, flow, accept. */
import { benchAccept } from "./accept/Accept.ts"
import { benchFlow } from "./Flow.ts"
import { benchRules } from "./Rules.ts"

const parts: Readonly<Record<string, () => void | Promise<void>>> = {
  rules: benchRules,
  flow: benchFlow,
  accept: benchAccept
}
const wanted = process.argv.slice(2)

for (const [name, bench] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) await bench()
process.exit()
