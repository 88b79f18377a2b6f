/**
 * Lists in pages, with GitHub's `Link` headers. https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */

/** GitHub serves 30 items by default, 100 at most. */
export const pageSize = (params: URLSearchParams): number => Math.min(positive(params.get("per_page"), 30), 100)

/** One page of a list, and the `Link` header that leads on. */
export const paginate = <A>(
  items: ReadonlyArray<A>,
  params: URLSearchParams,
  address: string
): { readonly page: ReadonlyArray<A>; readonly headers: Record<string, string> } => {
  const size = pageSize(params)
  const number = positive(params.get("page"), 1)
  const last = Math.max(1, Math.ceil(items.length / size))
  const link = (target: number, rel: string): string => {
    const next = new URLSearchParams(params)
    next.set("page", String(target))
    return `<${address}?${next}>; rel="${rel}"`
  }
  const links = [
    ...(number > 1 ? [link(number - 1, "prev"), link(1, "first")] : []),
    ...(number < last ? [link(number + 1, "next"), link(last, "last")] : [])
  ]
  return {
    page: items.slice((number - 1) * size, number * size),
    headers: links.length === 0 ? {} : { link: links.join(", ") }
  }
}

const positive = (text: string | null, otherwise: number): number => {
  const value = Number(text ?? otherwise)
  return Number.isInteger(value) && value > 0 ? value : otherwise
}
