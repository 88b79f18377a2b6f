#!/usr/bin/env node
/**
 * `dispatcher`, as npm links it. In a checkout it runs the sources, so that it works without a build and never runs an old one; an
 * installed package runs what was built, as Node takes no TypeScript from there.
 */
import { existsSync } from "node:fs"
import { enableCompileCache } from "node:module"

// Halves the start, which is all that most commands take.
enableCompileCache()

const source = new URL("../src/entry/cli.ts", import.meta.url)
const isCheckout = existsSync(source) && !source.pathname.includes("/node_modules/")

await import(isCheckout ? source.href : new URL("../dist/entry/cli.js", import.meta.url).href)
