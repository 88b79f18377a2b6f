/**
 * Functions as Lambda runs them: processes that handle one event at a time, started when none is free and kept for the next event. A
 * process that dies takes its event with it, which then counts as failed.
 */
import { type ChildProcess, fork } from "node:child_process"
import { randomUUID } from "node:crypto"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Schema } from "effect"

/** An event for a function. */
export interface Invoke {
  readonly id: string
  readonly event: unknown
  /** Milliseconds that the invocation has. */
  readonly remaining: number
}
/** What became of it. */
export interface Answered {
  readonly id: string
  readonly result?: unknown
  readonly error?: string
}

/** An invocation did not end well: the function threw, or its process died. */
export class InvocationFailed extends Schema.TaggedError<InvocationFailed>()("InvocationFailed", {
  message: Schema.String
}) {}

/** A function, with all its processes. */
export interface LambdaFunction {
  readonly invoke: (event: unknown, remaining?: number) => Effect.Effect<unknown, InvocationFailed>
  /** Ends all its processes at once; the next event gets a new one. */
  readonly kill: () => void
  /** What it has logged. */
  readonly said: () => string
}

const runtime = join(import.meta.dirname, "runtime.ts")
const compileCache = join(tmpdir(), "dispatcher-e2e-compiled")

class Pool {
  readonly #bundle: string
  readonly #environment: Readonly<Record<string, string>>
  readonly #idle: Array<ChildProcess> = []
  readonly #all = new Set<ChildProcess>()
  said = ""

  constructor(bundle: string, environment: Readonly<Record<string, string>>) {
    this.#bundle = bundle
    this.#environment = environment
  }

  async invoke(event: unknown, remaining: number): Promise<unknown> {
    const child = this.#idle.pop() ?? this.#start()
    const id = randomUUID()
    const answered = await new Promise<Answered>((resolve) => {
      const onMessage = (message: Answered | "ready") => {
        if (message === "ready") child.send({ id, event, remaining } satisfies Invoke)
        else if (message.id === id) end(message)
      }
      const onExit = () => end({ id, error: `the process died\n${this.said.slice(-2000)}` })
      const end = (answer: Answered) => {
        child.off("message", onMessage).off("exit", onExit)
        resolve(answer)
      }
      child.on("message", onMessage).on("exit", onExit)
      if (ready.has(child)) onMessage("ready")
      else child.once("message", () => ready.add(child))
    })
    if (child.connected && child.exitCode === null && !child.killed) this.#idle.push(child)
    if (answered.error !== undefined) throw new InvocationFailed({ message: answered.error })
    return answered.result
  }

  kill(): void {
    for (const child of this.#all) child.kill("SIGKILL")
    this.#idle.length = 0
  }

  #start(): ChildProcess {
    const env = { NODE_COMPILE_CACHE: compileCache, ...this.#environment }
    const child = fork(runtime, [this.#bundle], { env, execArgv: [], stdio: ["ignore", "pipe", "pipe", "ipc"] })
    for (const output of [child.stdout, child.stderr]) {
      output?.setEncoding("utf8").on("data", (text: string) => {
        this.said += text
      })
    }
    this.#all.add(child)
    child.once("exit", () => {
      this.#all.delete(child)
      const index = this.#idle.indexOf(child)
      if (index >= 0) this.#idle.splice(index, 1)
    })
    return child
  }
}

/** The processes that have loaded their function. */
const ready = new WeakSet<ChildProcess>()

/** What an invocation may take, unless stated otherwise. */
const usual = 20_000

/** A function whose processes end with the scope. */
export const lambda = (bundle: string, environment: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync(() => new Pool(bundle, environment)),
    (pool) => Effect.sync(() => pool.kill())
  ).pipe(
    Effect.map(
      (pool): LambdaFunction => ({
        invoke: (event, remaining = usual) =>
          Effect.tryPromise({
            try: () => pool.invoke(event, remaining),
            catch: (error) =>
              error instanceof InvocationFailed ? error : new InvocationFailed({ message: String(error) })
          }),
        kill: () => pool.kill(),
        said: () => pool.said
      })
    )
  )
