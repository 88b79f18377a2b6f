/** What is unfolded of a tree, by keys. */

/** Unfolds what is folded, and folds what is not. */
export const foldingToggled = (unfolded: ReadonlySet<string>, key: string): ReadonlySet<string> =>
  new Set(unfolded.has(key) ? [...unfolded].filter((one) => one !== key) : [...unfolded, key])
