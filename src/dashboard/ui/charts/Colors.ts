/** The colours of the style sheet, for canvases, which cannot read custom properties themselves. */

/** The colour that a custom property has for an element, as `rgb(…)`, in the theme of this moment. */
export const colorOf = (host: HTMLElement, property: string): string => {
  const probe = document.createElement("i")
  probe.style.color = `var(${property})`
  host.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

/** A colour made fainter. */
export const faint = (color: string, opacity: number): string =>
  color.replace(/^rgba?\(([^)]*)\)$/, (_, parts: string) => {
    const [red, green, blue] = parts.split(/[ ,/]+/)
    return `rgba(${red}, ${green}, ${blue}, ${opacity})`
  })
