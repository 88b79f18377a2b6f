/** A script of faults between us and AWS: a middleware in an SDK client. Operations are its commands, as in `QueryCommand`. */
import { Context, Effect, Layer } from "effect"
import { failsAfter, failsBefore, perform, Script, type ScriptedCall } from "../../../../src/testing/FaultScript.ts"

/** An error as the SDK throws it for an answer of a service. */
export const serviceError = (name: string, httpStatusCode = 400, message = "made up by the test"): Error =>
  Object.assign(new Error(message), { name, $fault: "client", $metadata: { httpStatusCode } })
/** An error as Node gives it where there is no answer. */
export const connectionLost = (): Error => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })

/** AWS acts, and its answer is lost. */
export const answerLost = failsAfter(connectionLost())
/** The request is lost, and so is the answer. */
export const requestLost = failsBefore(connectionLost())

/** The requests of one client, and the faults that those to come will meet. */
export class ClientFaults extends Context.Service<ClientFaults, Script>()(
  "dispatcher/test/adapters/aws/ClientFaults"
) {}

/** What a request asked for. */
export const inputOf = (request: ScriptedCall | undefined): object => Object(request?.input[0])

/** The part of an SDK client that matters here. */
interface Client {
  readonly middlewareStack: { readonly add: (middleware: never, options: { readonly step: "initialize" }) => void }
}
interface Asked {
  readonly input: object
}
type Middleware = (
  next: (asked: Asked) => Promise<{ readonly output: object }>,
  context: { readonly commandName?: string }
) => (asked: Asked) => Promise<{ readonly output: unknown; readonly response: unknown }>

const install = (client: Client): Script => {
  const script = new Script()
  const middleware: Middleware =
    (next, { commandName = "" }) =>
    async (asked) => {
      let response: unknown
      const send = (input: unknown) =>
        Effect.tryPromise({
          try: async () => {
            const result = await next({ ...asked, input: Object(input) })
            response = result
            return result.output
          },
          catch: (error) => error
        })
      return { output: await Effect.runPromise(perform(script, commandName, send, asked.input)), response }
    }
  client.middlewareStack.add(middleware as never, { step: "initialize" })
  return script
}

/** Faults in the client of a service. */
export const layer = <I, C extends Client>(client: Context.Service<I, C>): Layer.Layer<ClientFaults, never, I> =>
  Layer.effect(ClientFaults, Effect.map(client, install))
