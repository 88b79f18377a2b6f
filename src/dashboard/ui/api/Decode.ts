/**
 * Small decoders for the server's answers: they check what the page relies on and drop the rest.
 *
 * The types are those of `domain/Answers.ts`; its schemas are not bundled, because they would weigh more than the rest of the page.
 * A page that is older than its server learns here that it no longer understands it, instead of showing `undefined`.
 */

/** An answer that is not what this page was built for; the message says where. */
export class UnexpectedAnswer extends Error {
  override readonly name = "UnexpectedAnswer"
}

/** Checks a value and gives it its type, or throws an {@link UnexpectedAnswer}; `at` is the value's place in the answer. */
export type Decoder<A> = (value: unknown, at: string) => A

const fail = (at: string, expected: string): never => {
  throw new UnexpectedAnswer(`${at}: expected ${expected}`)
}

export const text: Decoder<string> = (value, at) => (typeof value === "string" ? value : fail(at, "text"))

export const number: Decoder<number> = (value, at) =>
  typeof value === "number" && Number.isFinite(value) ? value : fail(at, "a number")

export const flag: Decoder<boolean> = (value, at) => (typeof value === "boolean" ? value : fail(at, "true or false"))

/** Text that the server has already checked to be of a branded type, such as a repository's name. */
export const branded = <A extends string>(): Decoder<A> => text as Decoder<A>

export const nullable =
  <A>(inner: Decoder<A>): Decoder<A | null> =>
  (value, at) =>
    value === null ? null : inner(value, at)

/** A field that may be missing; {@link struct} then leaves it out. */
export const optional =
  <A>(inner: Decoder<A>): Decoder<A> =>
  (value, at) =>
    value === undefined ? (undefined as A) : inner(value, at)

export const list =
  <A>(inner: Decoder<A>): Decoder<ReadonlyArray<A>> =>
  (value, at) =>
    Array.isArray(value) ? value.map((item, index) => inner(item, `${at}[${index}]`)) : fail(at, "a list")

export const oneOf =
  <A extends string>(literals: Iterable<A>): Decoder<A> =>
  (value, at) =>
    [...literals].find((literal) => literal === value) ?? fail(at, `one of ${[...literals].join(", ")}`)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** An object with at least these fields; others are dropped. */
export const struct =
  <A extends object>(fields: { readonly [Key in keyof A]-?: Decoder<A[Key]> }): Decoder<A> =>
  (value, at) => {
    if (!isRecord(value)) return fail(at, "an object")
    const result: Partial<A> = {}
    for (const key in fields) {
      const field = fields[key](value[key], `${at}.${key}`)
      if (field !== undefined) result[key] = field
    }
    return result as A
  }

/** An object with any keys, whose values are all of a kind. */
export const decodeRecord =
  <A>(inner: Decoder<A>): Decoder<Readonly<Record<string, A>>> =>
  (value, at) =>
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item, `${at}.${key}`)]))
      : fail(at, "an object")

/** An object of one of several shapes, distinguished by the text in field `tag`. */
export const tagged =
  <A extends object>(tag: string, members: Readonly<Record<string, Decoder<A>>>): Decoder<A> =>
  (value, at) => {
    const name = isRecord(value) ? value[tag] : undefined
    const member = typeof name === "string" && Object.hasOwn(members, name) ? members[name] : undefined
    return member === undefined ? fail(`${at}.${tag}`, `one of ${Object.keys(members).join(", ")}`) : member(value, at)
  }
