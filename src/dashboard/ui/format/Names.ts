/** Names as people type them. */
import { repositoryPattern } from "../../../domain/Vocabulary.ts"

/** Whether text is a repository's full name, `owner/name`; what is not has no figures and cannot be asked about. */
export const isRepositoryName = (text: string): boolean => repositoryPattern.test(text)

/** Whether two names are one repository on GitHub. */
export const isSameRepository = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
