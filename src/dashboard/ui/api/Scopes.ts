/** Decoder of scopes, the subjects of figures (`domain/Scope.ts`). */
import type { RepositoryName, WorkflowFile } from "../../../domain/Names.ts"
import type { Scope, ScopeKind } from "../../../domain/Scope.ts"
import { branded, type Decoder, oneOf, struct, tagged, text } from "./Decode.ts"

export const repository = branded<RepositoryName>()

type Member<Kind extends ScopeKind> = Extract<Scope, { readonly _tag: Kind }>
const kind = <Kind extends ScopeKind>(name: Kind): Decoder<Kind> => oneOf([name])

const members: { readonly [Kind in ScopeKind]: Decoder<Member<Kind>> } = {
  Global: struct<Member<"Global">>({ _tag: kind("Global") }),
  Source: struct<Member<"Source">>({ _tag: kind("Source"), repository }),
  Target: struct<Member<"Target">>({ _tag: kind("Target"), repository }),
  Workflow: struct<Member<"Workflow">>({ _tag: kind("Workflow"), repository, workflow: branded<WorkflowFile>() }),
  Pair: struct<Member<"Pair">>({ _tag: kind("Pair"), source: repository, target: repository }),
  Version: struct<Member<"Version">>({ _tag: kind("Version"), version: text })
}

export const scope: Decoder<Scope> = tagged<Scope>("_tag", members)
