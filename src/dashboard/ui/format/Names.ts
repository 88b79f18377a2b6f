/** Names as people type them. */

/** The form that a repository's name has to have; what is not one has no figures and cannot be asked about. */
export const repositoryPattern = /^[\w-]+\/[\w.-]+$/

/** Whether text is a repository's full name, `owner/name`. */
export const isRepositoryName = (text: string): boolean => repositoryPattern.test(text)

/** Whether two names are one repository on GitHub. */
export const isSameRepository = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
