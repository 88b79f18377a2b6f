/** Connections one by one, those of one source together, owner by owner: what the latest run said, what was counted, and the way to its journeys. */
import { useState } from "preact/hooks"
import { ViewLink } from "../../components/Links.tsx"
import { RepositoryText } from "../../components/Repository.tsx"
import { count } from "../../format/Numbers.ts"
import { useView } from "../../hooks/Page.ts"
import { topologyOf } from "../../state/View.ts"
import { ConnectionLine } from "./ConnectionLine.tsx"
import { keyOfConnection, neighboursAt, type SentConnection } from "./Connections.ts"

/** So many connections are listed at first, and more with each click. */
const atOnce = 30

const Name = ({ name }: { readonly name: string }) => {
  const [view] = useView()
  return (
    <ViewLink to={topologyOf(view, name)}>
      <RepositoryText name={name} />
    </ViewLink>
  )
}

const Line = ({ connection }: { readonly connection: SentConnection }) => (
  <li class={`connection-row${connection.decision === "denied" ? " is-refused" : ""}`}>
    <p class="ends">
      <span class="hidden">starts </span>
      <Name name={connection.target.repository} />
    </p>
    <ConnectionLine connection={connection} tabIndex={0} />
  </li>
)

export const ConnectionList = ({ connections }: { readonly connections: ReadonlyArray<SentConnection> }) => {
  const [pages, setPages] = useState(1)
  const most = pages * atOnce
  const sources = neighboursAt(connections, "source")
  const listed = new Set(sources.flatMap((source) => source.connections).slice(0, most))
  return (
    <>
      <ul class="connection-list">
        {sources
          .filter((source) => source.connections.some((connection) => listed.has(connection)))
          .map((source) => (
            <li key={source.repository}>
              <h3>
                <Name name={source.repository} />
              </h3>
              <ul>
                {source.connections
                  .filter((connection) => listed.has(connection))
                  .map((connection) => (
                    <Line key={keyOfConnection(connection)} connection={connection} />
                  ))}
              </ul>
            </li>
          ))}
      </ul>
      {connections.length > most && (
        <p class="more">
          <button type="button" class="button" onClick={() => setPages(pages + 1)}>
            Show more of {count(connections.length)}
          </button>
        </p>
      )}
    </>
  )
}
