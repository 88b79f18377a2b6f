/**
 * What goes wrong between us and AWS: a middleware in an SDK client that lets the next requests of an operation meet what a script says.
 * Everything else goes well.
 */
import { Context, Effect, Layer } from "effect"

/** Meets one request: may send it, and makes the answer or the error. */
export type Fault = (send: () => Promise<object>, input: object) => Promise<object>

/** An error as the SDK throws it for an answer of a service. */
export const serviceError = (name: string, httpStatusCode = 400, message = "made up by the test"): Error =>
  Object.assign(new Error(message), { name, $fault: "client", $metadata: { httpStatusCode } })
/** An error as Node gives it where there is no answer. */
export const connectionLost = (): Error => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })

/** All goes well. */
export const none: Fault = (send) => send()
/** AWS refuses and does nothing. */
export const refused =
  (error: Error): Fault =>
  () =>
    Promise.reject(error)
/** AWS acts, and its answer is lost. */
export const answerLost: Fault = async (send) => {
  await send()
  throw connectionLost()
}
/** The request is lost, and so is the answer. */
export const requestLost: Fault = refused(connectionLost())
/** Nothing comes back, ever. */
export const silence: Fault = () => new Promise(() => {})

/** A request that was made: which operation, with what. */
export interface Made {
  readonly command: string
  readonly input: object
}

/** The faults to come of one client, and the requests that it made. */
export class Faults extends Context.Service<
  Faults,
  {
    /** What the next requests of an operation (`QueryCommand`) meet, one each. */
    readonly script: (command: string, ...faults: ReadonlyArray<Fault>) => Effect.Effect<void>
    /** What all its requests meet from now on, when the script is at its end. */
    readonly always: (command: string, fault: Fault) => Effect.Effect<void>
    readonly made: Effect.Effect<ReadonlyArray<Made>>
  }
>()("dispatcher/test/adapters/aws/Faults") {}

/** The part of an SDK client that matters here. */
interface Client {
  readonly middlewareStack: { readonly add: (middleware: never, options: { readonly step: "initialize" }) => void }
}
type Middleware = (
  next: (args: { readonly input: object }) => Promise<{ readonly output: object }>,
  context: { readonly commandName?: string }
) => (args: { readonly input: object }) => Promise<{ readonly output: object; readonly response: unknown }>

const install = (client: Client): Faults["Service"] => {
  const scripts = new Map<string, Array<Fault>>()
  const standing = new Map<string, Fault>()
  const made: Array<Made> = []
  const middleware: Middleware = (next, context) => async (args) => {
    const command = context.commandName ?? ""
    made.push({ command, input: args.input })
    const fault = scripts.get(command)?.shift() ?? standing.get(command) ?? none
    let response: unknown
    const send = async () => {
      const result = await next(args)
      response = result
      return result.output
    }
    return { output: await fault(send, args.input), response }
  }
  client.middlewareStack.add(middleware as never, { step: "initialize" })
  return {
    script: (command, ...faults) =>
      Effect.sync(() => void scripts.set(command, [...(scripts.get(command) ?? []), ...faults])),
    always: (command, fault) => Effect.sync(() => void standing.set(command, fault)),
    made: Effect.sync(() => [...made])
  }
}

/** Faults in the client of a service. */
export const layer = <I, C extends Client>(client: Context.Service<I, C>): Layer.Layer<Faults, never, I> =>
  Layer.effect(Faults, Effect.map(client, install))
