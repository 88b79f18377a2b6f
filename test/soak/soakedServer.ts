/** The real server with shorter waits and a wrong clock, which have to be there before anything of it is loaded. */
import { flushCompileCache } from "node:module"

await import("./Waits.ts")
await import("./WrongClock.ts")
await import("../../src/entry/server.ts")
// Who is killed leaves no compiled code for the next one.
flushCompileCache()
