/**
 * A check for pull requests: would a push to `main` of acme/shop still start what it should, with these two files?
 *
 *     node plan-check.ts shop.yml deploy.yml
 *
 * Reads the files and decides by the dispatcher's own rules; asks GitHub nothing and starts nothing. Where a target would be denied, it says why
 * and exits with 1.
 */
import { readFileSync } from "node:fs"
import { Explain, Names, Settings } from "dispatcher"
import { Console, Effect, Layer } from "effect"

const [shopFile = "shop.yml", deployFile = "deploy.yml"] = process.argv.slice(2)
const shop = Names.RepositoryName.make("acme/shop")
const deploy = Names.RepositoryName.make("acme/deploy")

// The files stand in for what the repositories hold on their default branch, `main`. No other repository is read.
const files = new Map([
  [shop, readFileSync(shopFile, "utf8")],
  [deploy, readFileSync(deployFile, "utf8")]
])
const configs = Explain.layerPasted(files, "main").pipe(Layer.provide(Explain.layerUnread))

const check = Effect.gen(function* () {
  // What is not said of the run is an ordinary one: a successful push to the default branch.
  const { config, targets } = yield* Explain.explain({ repository: shop, workflow: "ci.yml" })
  if (config._tag === "Invalid") {
    for (const { line, message } of config.issues) yield* Console.log(`${shopFile}:${line}: ${message}`)
  }
  if (targets.length === 0) yield* Console.log(`${shopFile}: no outbound rule is about a push to main that ran ci.yml`)
  for (const { decision, inputs } of targets) {
    const target = `${decision.target.repository} ${decision.target.workflow}`
    yield* Console.log(
      decision._tag === "Allowed"
        ? `${target}: would start with ${JSON.stringify(inputs)}`
        : `${target}: denied (${decision.denial.code}): ${decision.denial.message}`
    )
  }
  return targets.length > 0 && targets.every(({ decision }) => decision._tag === "Allowed")
})

const passed = await Effect.runPromise(check.pipe(Effect.provide([configs, Settings.layerSettings()])))
process.exitCode = passed ? 0 : 1
