/** Light or dark, as it is now: canvases are drawn anew when it changes, all else follows by CSS alone. */
import { useEffect, useState } from "preact/hooks"
import { usePage, useValue } from "./Page.ts"

const query = "(prefers-color-scheme: dark)"

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
