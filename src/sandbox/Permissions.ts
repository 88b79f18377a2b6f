/** Permissions of an App's installation: GitHub's names, each with the access granted. */
import { Schema } from "effect"

export const PermissionLevel = Schema.Literals(["read", "write", "admin"])
export type PermissionLevel = typeof PermissionLevel.Type

export const Permissions = Schema.Record(Schema.String, PermissionLevel)
export type Permissions = typeof Permissions.Type

const rank: Record<PermissionLevel, number> = { read: 1, write: 2, admin: 3 }

/** Whether `granted` reaches `needed` for one permission; metadata can be read by every installation. */
export const permits = (granted: Permissions, name: string, needed: PermissionLevel): boolean => {
  const access = granted[name] ?? (name === "metadata" ? "read" : undefined)
  return access !== undefined && rank[access] >= rank[needed]
}
