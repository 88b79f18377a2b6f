/** Gives text to the clipboard; returns whether the browser took it (it does not on a page without TLS). */
export const copy = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
