/** Something that is open until the viewer turns to something else: presses Escape, or points at or goes to a place outside. */
import type { RefObject } from "preact"
import { useEffect } from "preact/hooks"

export const useDismiss = (inside: RefObject<HTMLElement | null>, open: boolean, close: () => void): void => {
  useEffect(() => {
    if (!open) return undefined
    const stop = new AbortController()
    const elsewhere = ({ target }: Event) => {
      if (target instanceof Node && !inside.current?.contains(target)) close()
    }
    document.addEventListener("pointerdown", elsewhere, stop)
    document.addEventListener("focusin", elsewhere, stop)
    document.addEventListener("keydown", ({ key }) => key === "Escape" && close(), stop)
    return () => stop.abort()
  }, [inside, open, close])
}
