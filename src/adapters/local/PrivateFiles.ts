/**
 * The database's folder (700) and files (600) are for their owner only: they hold what private repositories are called and do. What others
 * may read is changed, and reported. SQLite gives its log and index files the permissions of the database.
 */
import { accessSync, chmodSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from "node:fs"
import { dirname } from "node:path"

/** Permissions of group and others; a folder that is shared on purpose (`/tmp`) has the sticky bit. */
const others = 0o077
const sticky = 0o1000

/** What was open to others, and why it still is where it is. */
export interface Opened {
  readonly file: string
  readonly problem: string | undefined
}

const closed = (file: string, mode: number): ReadonlyArray<Opened> => {
  const found = statSync(file, { throwIfNoEntry: false })
  if (
    found === undefined ||
    found.isDirectory() !== (mode === 0o700) ||
    (found.mode & others) === 0 ||
    (found.mode & sticky) !== 0
  )
    return []
  try {
    chmodSync(file, mode)
    return [{ file, problem: undefined }]
  } catch (error) {
    return [{ file, problem: error instanceof Error ? error.message : String(error) }]
  }
}

/** SQLite itself makes files that others may read. What cannot be opened it reports in its own words. */
const createFile = (path: string): void => {
  if (!existsSync(path) && isWritable(dirname(path))) closeSync(openSync(path, "a", 0o600))
}

const isWritable = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Node's own `recursive` never ends where the system says ENOENT for a folder that cannot be made, as in /proc. */
const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!existsSync(folder)) throw error
  }
}

/** Makes the database's folder and file where they are missing, and closes what is open to others. Throws what the file system does. */
export const makePrivate = (path: string): ReadonlyArray<Opened> => {
  makeFolder(dirname(path))
  createFile(path)
  const files = [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]
  return [...closed(dirname(path), 0o700), ...files.flatMap((file) => closed(file, 0o600))]
}
