/** How requests to GitHub leave the process: for tests that play GitHub, and for whoever has to go through a proxy. */
import { Context } from "effect"

/** The `fetch` that requests go out by; the platform's own unless told. */
export const Fetch = Context.Reference<typeof globalThis.fetch>("dispatcher/adapters/github/Fetch", {
  defaultValue: () => globalThis.fetch
})
