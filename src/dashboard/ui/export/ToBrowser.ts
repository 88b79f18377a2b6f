/** Gives text to the clipboard, and files to the browser to save. */
import type { ExportedFile } from "./ViewExport.ts"

/** Gives text to the clipboard; returns whether the browser took it (it does not on a page without TLS). */
export const copy = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** Gives a file to the browser to save. */
export const save = ({ name, type, content }: ExportedFile): void => {
  const url = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }))
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  // The browser takes its copy when the click is handled; a task later the address is not needed any more.
  setTimeout(() => URL.revokeObjectURL(url))
}
