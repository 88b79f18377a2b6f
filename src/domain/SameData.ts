/** Whether two values of plain data are the same. Pure. */

type Fields = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null

/**
 * Whether two values, as JSON has them, are the same whatever the order of their fields. It looks at each part once, where `Equal.equals`
 * first computes a hash of both.
 */
export const isSameData = (a: unknown, b: unknown): boolean => {
  if (!isObject(a) || !isObject(b)) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSameData(a[name], b[name]))
  )
}
