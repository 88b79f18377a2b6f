/** `dispatcher topology`: who starts whom; all of it, or of one repository what it starts and what starts it. */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { RepositoryName } from "../../domain/Names.ts"
import type { WorkflowConnection } from "../../domain/Topology.ts"
import { CommandFailed } from "./Failures.ts"
import { answered, service, urlFlag } from "./Service.ts"
import { during } from "./Terminal.ts"
import { neighboursText, spelledAs, topologyText } from "./TopologyText.ts"

interface Options {
  readonly repository: Option.Option<RepositoryName>
  readonly url: Option.Option<string>
  readonly json: boolean
}
type Client = Effect.Success<ReturnType<typeof service>>["client"]

/** All connections. One request for each 500. */
const allConnections = Effect.fnUntraced(function* (client: Client, baseUrl: string) {
  const all: Array<WorkflowConnection> = []
  let cursor: string | null = null
  do {
    const query: { readonly cursor?: string } = cursor === null ? {} : { cursor }
    const page: { readonly connections: ReadonlyArray<WorkflowConnection>; readonly cursor: string | null } =
      yield* answered(baseUrl)(client.lists.topology({ query }))
    all.push(...page.connections)
    cursor = page.cursor
  } while (cursor !== null)
  return all
})

/** Prints who starts whom. */
const showTopology = Effect.fn("cli.topology")(function* ({ repository, url, json }: Options) {
  const { client, baseUrl } = yield* service(url)
  const wait = during(`asking ${baseUrl}`, json ? "json" : "text")
  if (Option.isNone(repository)) {
    const connections = yield* wait(allConnections(client, baseUrl))
    return yield* Console.log(json ? JSON.stringify({ connections }, null, 2) : topologyText(connections))
  }
  const [owner = "", name = ""] = repository.value.split("/")
  const found = yield* wait(answered(baseUrl)(client.lists.neighbours({ params: { owner, name } })))
  if (!found.known) {
    const message = `nothing is known of ${repository.value}: no run of it was delivered and no rule named it as a target, or that is forgotten`
    return yield* new CommandFailed({ message })
  }
  const text = () => neighboursText(spelledAs(repository.value, found), found)
  yield* Console.log(json ? JSON.stringify(found, null, 2) : text())
})

export const command = Command.make(
  "topology",
  {
    repository: Argument.String("repository").pipe(
      Argument.withDescription("Only what this repository, owner/name, starts, and what starts it or wants to"),
      Argument.withSchema(RepositoryName),
      Argument.optional
    ),
    url: urlFlag,
    json: Flag.Boolean("json").pipe(Flag.withDescription("One object, for tools"), Flag.withDefault(false))
  },
  showTopology
).pipe(Command.withDescription("Show which workflows start which, how that went, and who wants in and is not let in"))
