/**
 * The part of GitHub's GraphQL schema that the sandbox has: what each type's fields are called, which arguments they take
 * and how they are answered. https://docs.github.com/en/graphql/reference
 */

import { notAccessible } from "../Answer.ts"
import { reaches } from "../Endpoint.ts"
import { apiUrl, timestamp } from "../Formats.ts"
import { permits } from "../Permissions.ts"
import { blobSha, commitSha, findRef, findRepository, isEmpty, sha1 } from "../Repositories.ts"
import { shutOutMessage } from "../ShutOut.ts"
import type { GitRef, InstallationToken, RateBucket, SandboxRepository, SandboxState } from "../State.ts"

/** What fields of one query may see. */
export interface QueryContext {
  readonly state: SandboxState
  readonly token: InstallationToken
  readonly bucket: RateBucket
}

/** An object in the answer: its type, and what its fields are answered from. */
export type Node =
  | { readonly type: "Query" | "RateLimit" }
  | { readonly type: "Repository"; readonly repository: SandboxRepository }
  | { readonly type: "RepositoryOwner"; readonly login: string }
  | { readonly type: "Ref"; readonly repository: SandboxRepository; readonly ref: GitRef }
  | { readonly type: "Blob"; readonly text: string }
  | { readonly type: "Tree" | "Commit"; readonly oid: string }

export type Scalar = string | number | boolean | null

/** A field's answer: plain, an object to go on with, or an error at this path that leaves null behind. */
export type Resolved =
  | { readonly _tag: "Scalar"; readonly value: Scalar }
  | { readonly _tag: "Node"; readonly node: Node }
  | { readonly _tag: "Failed"; readonly type: string; readonly message: string }

/** The types that documents name: those of nodes, and the interface that Blob, Tree and Commit share. */
export type TypeName = Node["type"] | "GitObject"

export interface FieldDefinition<N extends Node = Node> {
  readonly args: ReadonlyArray<{ readonly name: string; readonly required: boolean }>
  /** The type of the answer; missing for scalars. */
  readonly returns?: TypeName
  /** A method, so that the definitions of one type of node can stand among those of all. */
  resolve(node: N, args: Readonly<Record<string, Scalar>>, context: QueryContext): Resolved
}

const scalar = (value: Scalar): Resolved => ({ _tag: "Scalar", value })
const object = (node: Node | undefined): Resolved => (node === undefined ? scalar(null) : { _tag: "Node", node })

type NodeOf<T extends Node["type"]> = Extract<Node, { readonly type: T }>

const plain = <T extends Node["type"]>(read: (node: NodeOf<T>, context: QueryContext) => Scalar) => ({
  args: [],
  resolve: (node: NodeOf<T>, _args: unknown, context: QueryContext): Resolved => scalar(read(node, context))
})

const findVisible = ({ state, token }: QueryContext, owner: string, name: string): SandboxRepository | undefined => {
  const repository = findRepository(state, owner, name)
  return repository !== undefined && reaches(token, repository) ? repository : undefined
}

const required = (name: string) => ({ name, required: true })

const repositoryField: FieldDefinition = {
  args: [required("owner"), required("name"), { name: "followRenames", required: false }],
  returns: "Repository",
  resolve: (_, { owner, name }, context) => {
    const shutOut = shutOutMessage(context.token.installation)
    if (shutOut !== undefined) return { _tag: "Failed", type: "FORBIDDEN", message: shutOut }
    const repository = findVisible(context, String(owner), String(name))
    return repository === undefined
      ? {
          _tag: "Failed",
          type: "NOT_FOUND",
          message: `Could not resolve to a Repository with the name '${String(owner)}/${String(name)}'.`
        }
      : object({ type: "Repository", repository })
  }
}

/** `HEAD:path`, `branch:path`, or a ref alone; undefined if there is no such object. */
const gitObject = (repository: SandboxRepository, expression: string): Node | undefined => {
  const [name = "", ...rest] = expression.split(":")
  const path = rest.join(":").replace(/^\/|\/$/g, "")
  const ref = isEmpty(repository) ? undefined : findRef(repository, name)
  if (ref === undefined) return undefined
  if (rest.length === 0) return { type: "Commit", oid: commitSha(repository, ref) }
  const text = ref.files.get(path)
  if (text !== undefined) return { type: "Blob", text }
  const isFolder = path === "" || [...ref.files.keys()].some((file) => file.startsWith(`${path}/`))
  return isFolder ? { type: "Tree", oid: sha1(`tree ${commitSha(repository, ref)} ${path}`) } : undefined
}

const objectField: FieldDefinition<NodeOf<"Repository">> = {
  args: [required("expression")],
  returns: "GitObject",
  resolve: ({ repository }, { expression }, { token }) =>
    permits(token.permissions, "contents", "read")
      ? object(gitObject(repository, String(expression)))
      : { _tag: "Failed", type: "FORBIDDEN", message: notAccessible().message }
}

const defaultBranchRef: FieldDefinition<NodeOf<"Repository">> = {
  args: [],
  returns: "Ref",
  resolve: ({ repository }) => {
    const ref = findRef(repository, "HEAD")
    return object(ref === undefined || isEmpty(repository) ? undefined : { type: "Ref", repository, ref })
  }
}

/** GitHub cuts the text of larger blobs off and says so. */
const maxBlobText = 512_000

const isBinary = (text: string): boolean => text.slice(0, 8000).includes("\0")

const blobText = ({ text }: NodeOf<"Blob">): string | null => {
  if (isBinary(text)) return null
  return Buffer.byteLength(text) > maxBlobText ? Buffer.from(text).subarray(0, maxBlobText).toString("utf8") : text
}

type Fields<T extends Node["type"]> = Readonly<Record<string, FieldDefinition<NodeOf<T>>>>

const typeName = <T extends Node["type"]>(): Fields<T> => ({ __typename: plain<T>(({ type }) => type) })

/** Fields that every git object has, whatever it is. */
const gitObjectFields = <T extends "Blob" | "Tree" | "Commit">(oid: (node: NodeOf<T>) => string): Fields<T> => ({
  ...typeName<T>(),
  oid: plain<T>(oid)
})

const schema: { readonly [T in Node["type"]]: Fields<T> } = {
  Query: {
    ...typeName<"Query">(),
    repository: repositoryField,
    rateLimit: {
      args: [{ name: "dryRun", required: false }],
      returns: "RateLimit",
      resolve: () => object({ type: "RateLimit" })
    }
  },
  RateLimit: {
    ...typeName<"RateLimit">(),
    cost: plain(() => 1),
    nodeCount: plain(() => 0),
    limit: plain((_, { bucket }) => bucket.limit),
    remaining: plain((_, { bucket }) => bucket.remaining),
    used: plain((_, { bucket }) => bucket.limit - bucket.remaining),
    resetAt: plain((_, { bucket }) => timestamp(bucket.resetAt * 1000))
  },
  Repository: {
    ...typeName<"Repository">(),
    id: plain(({ repository }) => `R_${repository.id}`),
    databaseId: plain(({ repository }) => repository.id),
    name: plain(({ repository }) => repository.name),
    nameWithOwner: plain(({ repository }) => repository.fullName),
    isArchived: plain(({ repository }) => repository.archived),
    isDisabled: plain(() => false),
    isEmpty: plain(({ repository }) => isEmpty(repository)),
    isFork: plain(() => false),
    isPrivate: plain(({ repository }) => repository.private),
    hasIssuesEnabled: plain(({ repository }) => repository.hasIssues),
    url: plain(({ repository }, { state }) => apiUrl(state, repository).replace("/repos/", "/")),
    owner: {
      args: [],
      returns: "RepositoryOwner",
      resolve: ({ repository }) => object({ type: "RepositoryOwner", login: repository.owner })
    },
    defaultBranchRef,
    object: objectField
  },
  RepositoryOwner: { ...typeName<"RepositoryOwner">(), login: plain(({ login }) => login) },
  Ref: {
    ...typeName<"Ref">(),
    name: plain(({ ref }) => ref.name),
    prefix: plain(({ ref }) => (ref.kind === "branch" ? "refs/heads/" : "refs/tags/")),
    target: {
      args: [],
      returns: "GitObject",
      resolve: ({ repository, ref }) => object({ type: "Commit", oid: commitSha(repository, ref) })
    }
  },
  Blob: {
    ...gitObjectFields<"Blob">(({ text }) => blobSha(text)),
    text: plain(blobText),
    byteSize: plain(({ text }) => Buffer.byteLength(text)),
    isBinary: plain(({ text }) => isBinary(text)),
    isTruncated: plain(({ text }) => !isBinary(text) && Buffer.byteLength(text) > maxBlobText)
  },
  Tree: gitObjectFields<"Tree">(({ oid }) => oid),
  Commit: gitObjectFields<"Commit">(({ oid }) => oid)
}

/** Whether documents may name this type. */
export const isTypeName = (name: string): name is TypeName => name === "GitObject" || Object.hasOwn(schema, name)

/** The definition of a type's field; of the interface only what all its types have. */
export const fieldOf = (type: TypeName, name: string): FieldDefinition | undefined => {
  const fields: Readonly<Record<string, FieldDefinition>> = schema[type === "GitObject" ? "Tree" : type]
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** Whether a fragment on `condition` applies to a node. */
export const applies = (node: Node, condition: string | undefined): boolean =>
  condition === undefined ||
  condition === node.type ||
  (condition === "GitObject" && ["Blob", "Tree", "Commit"].includes(node.type))
