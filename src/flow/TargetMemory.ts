/**
 * Which repositories of its own owner a source's rules asked for last, so that Plan asks for their files together with the source's: one request in
 * place of two. A guess of names: what the files say now decides, and what is forgotten, or wrong, costs a request.
 *
 * Not of other owners: what a source makes the dispatcher ask of those has a budget (`OwnerBudget.ts`), and needs another request anyway.
 */
import { Context, Layer } from "effect"
import { type RepositoryName, repositoryKey, sameOwner, workflowKey } from "../domain/Names.ts"
import type { SourceRun } from "../domain/SourceRun.ts"

/** Sources that are remembered; the least recently used goes first. */
export const mostSources = 1000
/** Repositories of one source. One that asks for more is not remembered, which bounds what all take to some megabytes. */
export const mostNames = 25

type Source = Pick<SourceRun, "repository" | "workflow">

const keyOf = ({ repository, workflow }: Source): string => `${repositoryKey(repository)}/${workflowKey(workflow)}`

/** What is remembered of sources, each with its workflow. */
export class TargetMemory {
  readonly #names = new Map<string, ReadonlyArray<RepositoryName>>()

  /** The repositories that a run's rules are likely to ask for. */
  namesFor(source: Source): ReadonlyArray<RepositoryName> {
    const names = this.#names.get(keyOf(source)) ?? []
    this.#keep(source, names)
    return names
  }

  /** Remembers what a run's rules asked for. */
  asked(source: Source, repositories: ReadonlyArray<RepositoryName>): void {
    const own = repositories.filter((name) => sameOwner(name, source.repository))
    this.#keep(source, own.length > mostNames ? [] : own)
  }

  #keep(source: Source, names: ReadonlyArray<RepositoryName>): void {
    const key = keyOf(source)
    this.#names.delete(key)
    if (names.length > 0) this.#names.set(key, names)
    const [oldest] = this.#names.keys()
    if (this.#names.size > mostSources && oldest !== undefined) this.#names.delete(oldest)
  }
}

/** The memory that Plan uses; where none is provided, one for the whole process. */
export const ProcessTargetMemory = Context.Reference<TargetMemory>("dispatcher/flow/TargetMemory/Process", {
  defaultValue: () => new TargetMemory()
})

/** A memory of its own: several services may be in one process. */
export const layer: Layer.Layer<never> = Layer.sync(ProcessTargetMemory, () => new TargetMemory())
