/** Lists in pieces, where what takes them takes only so much at a time. */

/** What one piece takes. */
export interface PieceLimits {
  readonly entries: number
  /** Of all entries together, as is counted where they go. */
  readonly bytes: number
}

/** Entries in order, in as few pieces as the limits allow. An entry that is too large gets a piece of its own. */
export const packed = <A>(
  entries: ReadonlyArray<A>,
  sizeOf: (entry: A) => number,
  limits: PieceLimits
): ReadonlyArray<ReadonlyArray<A>> => {
  const pieces: Array<Array<A>> = []
  let bytes = Number.POSITIVE_INFINITY
  for (const entry of entries) {
    const size = sizeOf(entry)
    const last = pieces.at(-1)
    if (last === undefined || last.length === limits.entries || bytes + size > limits.bytes) {
      pieces.push([entry])
      bytes = size
    } else {
      last.push(entry)
      bytes += size
    }
  }
  return pieces
}
