#!/usr/bin/env node
/**
 * `dispatcher`, as npm links it. In a checkout it runs the sources, so that it works without a build and never runs an old one; an
 * installed package runs what was built, as Node takes no TypeScript from there.
 *
 * An older Node has to understand this file to say which one is needed: no syntax that is newer than modules, and no import of what it lacks.
 */
import { existsSync } from "node:fs"
import * as nodeModule from "node:module"

const needed = "24.9"
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major < 24 || (major === 24 && minor < 9)) {
  process.stderr.write(
    `dispatcher needs Node.js ${needed} or newer; this is ${process.versions.node} (${process.execPath}).\n` +
      `Install it from https://nodejs.org, or with a version manager such as nvm: nvm install ${needed}\n`
  )
  process.exitCode = 1
} else {
  // Halves the start, which is all that most commands take.
  nodeModule.enableCompileCache()
  const source = new URL("../src/entry/cli.ts", import.meta.url)
  const isCheckout = existsSync(source) && !source.pathname.includes("/node_modules/")
  import(isCheckout ? source.href : new URL("../dist/entry/cli.js", import.meta.url).href)
}
