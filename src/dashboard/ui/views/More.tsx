/** The end of a list: the way to older rows, or the news that there are none, with what else is to be said of that. */
import type { Paged } from "../hooks/Paged.ts"

export const More = <Row,>({ paged, limits }: { readonly paged: Paged<Row>; readonly limits?: string }) => {
  const { hasMore, more, loadingMore, failure, rows } = paged
  return (
    <footer class="more">
      {failure !== undefined && <p role="alert">{failure.message}</p>}
      {hasMore ? (
        <button type="button" class="button" disabled={loadingMore} onClick={more}>
          {loadingMore ? "Loading…" : failure === undefined ? "Show older" : "Try again"}
        </button>
      ) : (
        <p>
          {rows.length === 1 ? "That is the only one." : "That is all there is."} {limits}
        </p>
      )}
    </footer>
  )
}
