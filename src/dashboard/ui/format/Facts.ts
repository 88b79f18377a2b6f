/** What the fact table says of a fact: why, in words, and where to look. */
import { entryOf } from "../../../domain/FactTable.ts"
import type { FactView } from "../api/Sent.ts"

interface FactWords {
  readonly reason: string | null
  readonly message: string | null
  readonly url: string | null
}
const nothing: FactWords = { reason: null, message: null, url: null }

export const factWords = (fact: FactView): FactWords => {
  if (fact.type === "other") return nothing
  const { reason, message, url } = entryOf(fact.type)
  // The page's decoder has checked what the words of exactly this type are made of.
  const data = fact.data as never
  return { reason: reason(data), message: message(data), url: url(data) }
}
