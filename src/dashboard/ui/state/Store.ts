/** A value that is watched: the page's few pieces of shared state are such stores. */

export interface Store<A> {
  readonly get: () => A
  /** Calls the listeners only if the value is another one. */
  readonly set: (value: A) => void
  /** Returns the function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
}

export const makeStateStore = <A>(initial: A): Store<A> => {
  const listeners = new Set<() => void>()
  let current = initial
  return {
    get: () => current,
    set: (value) => {
      if (Object.is(value, current)) return
      current = value
      for (const listener of [...listeners]) listener()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
}
