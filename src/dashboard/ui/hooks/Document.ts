/** What happens anywhere in the document: keys and pointers beside the component that cares. */
import type { RefObject } from "preact"
import { useEffect } from "preact/hooks"

/** Something that is open until the viewer turns to something else: presses Escape, or points at or goes to a place outside. */
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

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement

/** `/` goes to the field that a view is narrowed by, from wherever nothing is being typed and no dialog is open. */
export const useSlash = (go: () => void) => {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || isTyping(event.target)) return
      if (document.querySelector("dialog[open]") !== null) return
      event.preventDefault()
      go()
    }
    addEventListener("keydown", onKey)
    return () => removeEventListener("keydown", onKey)
  }, [go])
}
