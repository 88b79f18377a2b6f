/** The little HTML that the server fills in itself. */

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

/** Text that means itself between tags and in quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "")

/** Puts escaped texts for `{{name}}`; a placeholder within a text stays as it is, as does one that nothing was given for. */
export const fill = (template: string, texts: Readonly<Record<string, string>>): string =>
  template.replace(/\{\{(\w+)\}\}/g, (placeholder, name: string) =>
    Object.hasOwn(texts, name) ? escapeHtml(texts[name] ?? "") : placeholder
  )
