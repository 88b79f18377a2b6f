/**
 * What Lambda loads, the same for every function: runs `function.js` beside it, the bundle as one script, by the code that V8 made of it in
 * the image build. `scripts/lambda/warm.mjs` has it made there after a first invocation. Node's own cache (`NODE_COMPILE_CACHE`) is taken before
 * a module runs: it holds none of the functions that V8 compiles when they are called, which is a third of the time to load one of ours.
 *
 * V8 takes the code for a script of the same length in the same version with the same flags. Where there is none, or none that it takes, the
 * script is compiled as it runs.
 */
import type { Context as Invocation } from "aws-lambda"

type Handler = (event: unknown, invocation: Invocation) => Promise<unknown>

// Node gives these without making modules of them, which takes longer than all that is done here.
const { existsSync, readFileSync } = process.getBuiltinModule("node:fs")
const { Script } = process.getBuiltinModule("node:vm")
const { createRequire } = process.getBuiltinModule("node:module")

const folder = import.meta.dirname
const filename = `${folder}/function.js`
const cachedData = existsSync(`${folder}/compiled`) ? readFileSync(`${folder}/compiled`) : undefined

// The bundle has no character beyond ASCII.
const script = new Script(readFileSync(filename, "latin1"), { filename, ...(cachedData && { cachedData }) })
const module: { exports?: { readonly ready: Promise<Handler> } } = {}
script.runInThisContext()(module, createRequire(filename), filename, folder)

if (script.cachedDataRejected === true) process.stderr.write(`V8 does not take the code in ${folder}/compiled\n`)

/** V8's code of all that has run until now, for the next start. */
export const compiled = (): Buffer => script.createCachedData()

/** The function. */
export const handler = await module.exports?.ready
