/**
 * Runs scripts of package.json beside each other: `node scripts/beside.ts check:types check:lint`. What each of them says is shown whole,
 * in the order in which they are named. All of them run to their end; this one fails where any of them does, and names those that did.
 */
import { spawn } from "node:child_process"

/** Runs a script: its name, whether it succeeded, and what it said on both of its outputs. */
const run = (name: string) =>
  new Promise<{ readonly name: string; readonly isFine: boolean; readonly said: string }>((resolve, reject) => {
    const child = spawn("npm", ["run", "--silent", name], {
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32"
    })
    const said: Array<Buffer> = []
    for (const output of [child.stdout, child.stderr]) output.on("data", (chunk: Buffer) => said.push(chunk))
    child.once("error", reject)
    // An end by a signal has no code, and is a failure, too.
    child.once("close", (code) => resolve({ name, isFine: code === 0, said: Buffer.concat(said).toString() }))
  })

const failed: Array<string> = []
for (const running of process.argv.slice(2).map(run)) {
  const { name, isFine, said } = await running
  process.stdout.write(`${isFine ? "ok" : "FAILED"} ${name}\n${said}`)
  if (!isFine) failed.push(name)
}
if (failed.length > 0) {
  process.stderr.write(`failed: ${failed.join(", ")}\n`)
  process.exitCode = 1
}
