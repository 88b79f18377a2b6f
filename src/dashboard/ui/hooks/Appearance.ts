/** What a drawing depends on that is not its data: light or dark, and how wide it is. */

import type { RefObject } from "preact"
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import { usePage, useValue } from "./Page.ts"

const query = "(prefers-color-scheme: dark)"

/** Light or dark, as it is now: canvases are drawn anew when it changes, all else follows by CSS alone. */
export const useScheme = (): "light" | "dark" => {
  const theme = useValue(usePage().theme)
  const [dark, setDark] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const media = matchMedia(query)
    const update = () => setDark(media.matches)
    media.addEventListener("change", update)
    return () => media.removeEventListener("change", update)
  }, [])
  if (theme !== "system") return theme
  return dark ? "dark" : "light"
}

/** How wide an element is, in CSS pixels, 0 until it is drawn: what is placed in it is placed anew when that changes. */
export const useWidth = (): readonly [RefObject<HTMLDivElement | null>, number] => {
  const element = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const watched = element.current
    if (watched === null) return undefined
    setWidth(watched.clientWidth)
    const observer = new ResizeObserver(() => setWidth(watched.clientWidth))
    observer.observe(watched)
    return () => observer.disconnect()
  }, [])
  return [element, width]
}
