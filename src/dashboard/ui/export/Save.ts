/** Gives a file to the browser to save. */
import type { ExportedFile } from "./ViewExport.ts"

export const save = ({ name, type, content }: ExportedFile): void => {
  const url = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }))
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  // The browser takes its copy when the click is handled; a task later the address is not needed any more.
  setTimeout(() => URL.revokeObjectURL(url))
}
