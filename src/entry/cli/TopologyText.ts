/** Who starts whom, as a table of lines. Pure. */
import { repositoryKey } from "../../domain/Names.ts"
import type { ConnectionEnd, Neighbours, WorkflowConnection } from "../../domain/Topology.ts"
import { signOf, wordsOf } from "./ChainText.ts"
import { paint, plain } from "./Terminal.ts"

const nameOf = ({ repository, workflow }: ConnectionEnd): string => plain(`${repository} ${workflow}`)

/** What the latest run came to; of a source that the target's rules do not let in, that. */
const stateWords = (connection: WorkflowConnection): readonly [what: string, when: string] => {
  const [what, when] = wordsOf(connection)
  const { decision, reason, message } = connection
  if (decision !== "denied" || reason?.startsWith("inbound_") !== true) return [what, when]
  return [`wants in, is not let in: ${reason}${message === null ? "" : `: ${message}`}`, when]
}

/** What was counted in seven days, zeros left out. */
const countWords = ({ counts }: WorkflowConnection): string => {
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
  return parts.length === 0
    ? "nothing in 7 days"
    : `7 days: ${parts.map(([name, count]) => `${count} ${name}`).join(", ")}`
}

/** A line for each connection, and a second one with its counts; the columns are as wide as the longest name. */
const tableOf = (connections: ReadonlyArray<WorkflowConnection>): ReadonlyArray<string> => {
  const widthOf = (side: "source" | "target") =>
    connections.reduce((width, connection) => Math.max(width, nameOf(connection[side]).length), 0)
  const [source, target] = [widthOf("source"), widthOf("target")]
  return connections.flatMap((connection) => {
    const [what, when] = stateWords(connection)
    const names = `${nameOf(connection.source).padEnd(source)} → ${nameOf(connection.target).padEnd(target)}`
    const link = connection.started === null ? "" : ` ${paint("dim", plain(connection.started.url))}`
    return [
      `${signOf(connection.state)} ${paint("bold", names)}  ${plain(what)} ${paint("dim", `(${plain(when)})`)}${link}`,
      `  ${paint("dim", countWords(connection))}`
    ]
  })
}

/** All connections. */
export const topologyText = (connections: ReadonlyArray<WorkflowConnection>): string =>
  connections.length === 0 ? "Nothing is known to start anything." : tableOf(connections).join("\n")

const section = (title: string, connections: ReadonlyArray<WorkflowConnection>, none: string, more: boolean) => [
  paint("bold", title),
  ...(connections.length === 0 ? [none] : tableOf(connections)),
  ...(more ? [`… more than these ${connections.length}`] : [])
]

/** What a repository starts, and what starts it. */
export const neighboursText = (
  repository: string,
  { starts, startedBy, moreStarts, moreStartedBy }: Neighbours
): string =>
  [
    ...section(`${repository} starts`, starts, "nothing", moreStarts),
    "",
    ...section(`Starts ${repository}, or wants to`, startedBy, "nothing", moreStartedBy)
  ].join("\n")

/** The name as the service spells it, where it is known. */
export const spelledAs = (asked: string, { starts, startedBy }: Neighbours): string => {
  const names = [...starts.map(({ source }) => source), ...startedBy.map(({ target }) => target)]
  return names.find(({ repository }) => repositoryKey(repository) === asked.toLowerCase())?.repository ?? asked
}
