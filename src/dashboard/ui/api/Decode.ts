/**
 * Small decoders for the server's answers, of which `Decoders.ts` is made: they check what the page was built for and drop the rest, so that
 * a newer server's fields are never taken for what they are not.
 *
 * A page that is older than its server learns here that it no longer understands it, instead of showing `undefined`.
 */

/** An answer that is not what this page was built for; the message says where. */
export interface UnexpectedAnswer {
  readonly _tag: "UnexpectedAnswer"
  readonly message: string
}

/** What became of decoding. Nothing is thrown. */
export type Decoded<A> = { readonly _tag: "Decoded"; readonly value: A } | UnexpectedAnswer

/** Checks a value and gives it its type; `at` is the value's place in the answer. */
export type Decoding<A> = (value: unknown, at: string) => Decoded<A>

/** A {@link Decoding} of exactly `A`: one of more or of less does not compile in its place. */
export interface Decoder<A> extends Decoding<A> {
  /** For the compiler only. */
  readonly of?: (value: A) => A
}

/** A field that may be missing, in a {@link struct}. */
export interface OptionalField<A> {
  readonly optional: Decoder<A>
}

const decoded = <A>(value: A): Decoded<A> => ({ _tag: "Decoded", value })
const unexpected = (at: string, expected: string): UnexpectedAnswer => ({
  _tag: "UnexpectedAnswer",
  message: `${at}: expected ${expected}`
})

/** Any text. */
export const text: Decoder<string> = (value, at) =>
  typeof value === "string" ? decoded(value) : unexpected(at, "text")

/** A number that JSON can hold. */
export const number: Decoder<number> = (value, at) =>
  typeof value === "number" && Number.isFinite(value) ? decoded(value) : unexpected(at, "a number")

/** True or false. */
export const flag: Decoder<boolean> = (value, at) =>
  typeof value === "boolean" ? decoded(value) : unexpected(at, "true or false")

/** One of these words. */
export const oneOf =
  <const A extends string>(...words: ReadonlyArray<A>): Decoder<A> =>
  (value, at) => {
    const word = words.find((one) => one === value)
    return word === undefined
      ? unexpected(at, words.length === 1 ? `${words[0]}` : `one of ${words.join(", ")}`)
      : decoded(word)
  }

/** The same, or null. */
export const nullable =
  <A>(inner: Decoder<A>): Decoder<A | null> =>
  (value, at) =>
    value === null ? decoded(null) : inner(value, at)

/** Makes a field one that may be missing. */
export const optional = <A>(inner: Decoder<A>): OptionalField<A> => ({ optional: inner })

/** A list whose items are all of a kind. */
export const list =
  <A>(inner: Decoder<A>): Decoder<ReadonlyArray<A>> =>
  (value, at) => {
    if (!Array.isArray(value)) return unexpected(at, "a list")
    const items: Array<A> = []
    for (const [index, item] of value.entries()) {
      const result = inner(item, `${at}[${index}]`)
      if (result._tag === "UnexpectedAnswer") return result
      items.push(result.value)
    }
    return decoded(items)
  }

type Fields = Readonly<Record<string, Decoding<unknown> | { readonly optional: Decoding<unknown> }>>
type OptionalNames<F> = { [Name in keyof F]: F[Name] extends OptionalField<infer _> ? Name : never }[keyof F]
type Required<F> = {
  readonly [Name in Exclude<keyof F, OptionalNames<F>>]: F[Name] extends Decoder<infer A> ? A : never
}
type Optional<F> = { readonly [Name in OptionalNames<F>]?: F[Name] extends OptionalField<infer A> ? A : never }
type Flat<A> = { readonly [Name in keyof A]: A[Name] }

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** An object with at least these fields; others are dropped. */
export const struct =
  <F extends Fields>(fields: F): Decoder<Flat<Required<F> & Optional<F>>> =>
  (value, at) => {
    if (!isRecord(value)) return unexpected(at, "an object")
    const found: Record<string, unknown> = {}
    for (const [name, field] of Object.entries(fields)) {
      const isOptional = "optional" in field
      if (isOptional && value[name] === undefined) continue
      const result = (isOptional ? field.optional : field)(value[name], `${at}.${name}`)
      if (result._tag === "UnexpectedAnswer") return result
      found[name] = result.value
    }
    // Each field was checked by its own decoder.
    return decoded(found as never)
  }

/** An object with any keys, whose values are all of a kind. */
export const decodeRecord =
  <A>(inner: Decoder<A>): Decoder<{ readonly [name: string]: A }> =>
  (value, at) => {
    if (!isRecord(value)) return unexpected(at, "an object")
    const found: Array<readonly [string, A]> = []
    for (const [name, item] of Object.entries(value)) {
      const result = inner(item, `${at}.${name}`)
      if (result._tag === "UnexpectedAnswer") return result
      found.push([name, result.value])
    }
    return decoded(Object.fromEntries(found))
  }

type Members = Readonly<Record<string, Decoding<unknown>>>
type MemberOf<Tag extends string, M> = {
  [Name in keyof M]: M[Name] extends Decoder<infer A> ? Flat<{ readonly [Key in Tag]: Name } & A> : never
}[keyof M]

/** Decodes a value by its tag, and keeps that; undefined where the tag is none of the members'. */
const decodedMember = (value: unknown, at: string, tag: string, members: Members): Decoded<never> | undefined => {
  const name = isRecord(value) ? value[tag] : undefined
  const member = typeof name === "string" && Object.hasOwn(members, name) ? members[name] : undefined
  const result = member?.(value, at)
  // A member is a struct without the tag.
  return result?._tag === "Decoded" ? decoded({ [tag]: name, ...(result.value as object) } as never) : result
}

/** An object of one of several shapes, distinguished by the text in field `tag`. */
export const tagged =
  <const Tag extends string, M extends Members>(tag: Tag, members: M): Decoder<MemberOf<Tag, M>> =>
  (value, at) =>
    decodedMember(value, at, tag, members) ?? unexpected(`${at}.${tag}`, `one of ${Object.keys(members).join(", ")}`)

/** What has a type that this page does not know, which is in `kind`; and what all types have in common. */
export type Other<Common> = Flat<{ readonly type: "other"; readonly kind: string } & Common>

/** The same by field `type`, where one that this page does not know is kept with what all types have in common. */
export const typedOrOther =
  <M extends Members, Common extends object>(
    members: M,
    common: Decoder<Common>
  ): Decoder<MemberOf<"type", M> | Other<Common>> =>
  (value, at) => {
    const member = decodedMember(value, at, "type", members)
    if (member !== undefined) return member
    const other = struct({ type: text })(value, at)
    if (other._tag === "UnexpectedAnswer") return other
    const result = common(value, at)
    return result._tag === "Decoded"
      ? decoded({ ...result.value, type: "other", kind: other.value.type } as never)
      : result
  }
