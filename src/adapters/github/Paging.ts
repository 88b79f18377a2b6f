/**
 * Goes through GitHub's lists page by page, and no further than the reader wants to.
 * https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
import { Effect, Option, Schema, Stream } from "effect"
import type { GitHubError } from "../../ports/GitHubError.ts"
import type { GitHubResponse } from "./Requests.ts"

/** Items of a full page: the most that GitHub gives. */
export const perPage = 100

/** One page of a list. */
export interface ListingPage<A> {
  readonly items: ReadonlyArray<A>
  /** The number of the list's last page; undefined if this is it. */
  readonly lastPage: number | undefined
}

/** The number of the last page by the `link` header, which a list of one page does not have. */
const lastPageOf = ({ headers }: GitHubResponse): number | undefined => {
  const [, number] = /[?&]page=(\d+)[^>]*>; rel="last"/.exec(String(headers.link ?? "")) ?? []
  return number === undefined ? undefined : Number(number)
}

const decodeList = Schema.decodeUnknownEffect(Schema.Array(Schema.Unknown))

const decodeId = Schema.decodeUnknownOption(
  Schema.Struct({ id: Schema.Union([Schema.NonEmptyString, Schema.Finite, Schema.BigInt]) })
)

/** What GitHub calls an entry that cannot be read as a whole: its id, or else its place. */
const nameOf = (value: unknown, index: number): string =>
  Option.match(decodeId(value), { onNone: () => `number ${index + 1}`, onSome: ({ id }) => String(id).slice(0, 40) })

/** A list that was decoded entry by entry. */
interface Entries<A> {
  readonly entries: ReadonlyArray<A>
  /** The names of those that are not what was expected. */
  readonly unreadable: ReadonlyArray<string>
}

/**
 * Decodes a list entry by entry: one that is not what was expected is left out with a warning, so that it does not cost the others. Only
 * for lists where a missing entry decides nothing.
 */
export const decodeEachEntry = <S extends Schema.ConstraintDecoder<unknown>>(operation: string, entry: S) => {
  const decode = Schema.decodeUnknownEffect(entry)
  const decodeOrWarn = (value: unknown, index: number): Effect.Effect<Entries<S["Type"]>> =>
    Effect.matchEffect(decode(value), {
      onSuccess: (decoded) => Effect.succeed({ entries: [decoded], unreadable: [] }),
      onFailure: ({ message }) =>
        Effect.as(Effect.logWarning("an entry of GitHub's answer is left out", { operation, problem: message }), {
          entries: [],
          unreadable: [nameOf(value, index)]
        })
    })
  return (data: unknown): Effect.Effect<Entries<S["Type"]>, Schema.SchemaError> =>
    Effect.flatMap(decodeList(data), (values) =>
      Effect.map(Effect.forEach(values, decodeOrWarn), (each) => ({
        entries: each.flatMap(({ entries }) => entries),
        unreadable: each.flatMap(({ unreadable }) => unreadable)
      }))
    )
}

/** {@link decodeEachEntry} where it does not matter which entries were left out. */
export const decodeEntries = <S extends Schema.ConstraintDecoder<unknown>>(operation: string, entry: S) => {
  const decode = decodeEachEntry(operation, entry)
  return (data: unknown) => Effect.map(decode(data), ({ entries }) => entries)
}

/** Makes a page of an answer, from what decodes the answer's items. */
export const readListingPage =
  <A>(decodeItems: (data: unknown) => Effect.Effect<ReadonlyArray<A>, Schema.SchemaError>) =>
  (answer: GitHubResponse): Effect.Effect<ListingPage<A>, Schema.SchemaError> =>
    Effect.map(decodeItems(answer.data), (items) => ({ items, lastPage: lastPageOf(answer) }))

type Ask<A> = (page: number) => Effect.Effect<ListingPage<A>, GitHubError>

/** The items of the first pages, at most `most` of them. Cost: 1 request for each page that is read. */
export const fromFirstPage = <A>(most: number, ask: Ask<A>): Stream.Stream<A, GitHubError> =>
  Stream.paginate(1, (page) =>
    Effect.map(ask(page), ({ items, lastPage }) => [
      items,
      lastPage !== undefined && page < most ? Option.some(page + 1) : Option.none()
    ])
  )

/**
 * The items of the last pages, for lists that GitHub gives oldest first only: of the first page, which names how many
 * there are, then from the last page backwards; at most `most` pages. Cost: 1 request for each page that is read.
 */
export const fromLastPage = <A>(most: number, ask: Ask<A>): Stream.Stream<A, GitHubError> =>
  Stream.paginate({ page: 1, stopBefore: 1 }, ({ page, stopBefore }) =>
    Effect.map(ask(page), ({ items, lastPage = 1 }) => {
      const next =
        page === 1 ? { page: lastPage, stopBefore: Math.max(1, lastPage - most + 1) } : { page: page - 1, stopBefore }
      return [items, next.page > next.stopBefore ? Option.some(next) : Option.none()]
    })
  )
