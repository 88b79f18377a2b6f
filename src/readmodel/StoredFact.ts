/**
 * Facts as the event log keeps them: without what is the same in all, what the key says, and what follows from the rest, and by short names.
 *
 * | attribute | holds |
 * | --- | --- |
 * | `t`, `a` | when it happened, and when the run was accepted: milliseconds since the epoch, or the text where that is spelled in another way |
 * | `v`, `p` | version and trace in which it was published |
 * | `d`, `s`, `w` | delivery, source and the source's workflow |
 * | `c` | where the run stands in its chain; 1: at its root |
 * | `g` | the target; its ref alone where the key has the rest |
 * | `o` | the order; 1: that of run and target |
 * | `n` | the started run; its id alone where it is the target's on github.com |
 * | `u` | where the run is; 1: on github.com |
 * | `k` | the checks, packed (`PackedChecks.ts`) |
 * | `x` | what else the type has |
 *
 * A fact whose id does not follow from its key is stored as versions before this one stored all: as it is, but for its envelope.
 */
import { isoTime } from "../domain/Bucket.ts"
import type { Fact } from "../domain/Fact.ts"
import { entryOf, factTypes } from "../domain/FactTable.ts"
import type { Attributes, Item, Key } from "../ports/Table.ts"
import { asAttributes, runOnGitHub } from "./Items.ts"
import { packChecks, unpackChecks } from "./PackedChecks.ts"

type Json = Attributes[string]
type Loose = { readonly [name: string]: unknown }

const typeOf = new Map(factTypes.map((type) => [entryOf(type).status as string, type]))

/** What the key says; undefined where it says nothing of which all is to be had. */
const readKey = ({ partition, sort }: Pick<Key, "partition" | "sort">) => {
  const [, repositoryId = "", runId = "", attempt = ""] = partition.split("/")
  const run = `${repositoryId}/${runId}/${attempt}`
  const [, about, digits = "", status = "", rest = ""] = /^(?:r|t\/(.+?))\/(\d{6})\/\d\.([a-z]+)(.*)$/s.exec(sort) ?? []
  const type = typeOf.get(status)
  if (type === undefined) return undefined
  const [owner, name, workflow] = about?.split("/") ?? []
  return {
    ...{ run, type, id: `${type}/${run}${about === undefined ? "" : `/${about}`}${rest}` },
    data: { sourceRepositoryId: repositoryId, runId, attempt: Number(attempt), generation: Number(digits) },
    ...(about === undefined ? {} : { order: `${run}/${about}`, target: { repository: `${owner}/${name}`, workflow } })
  }
}

const shortTime = (time: string): Json => {
  const millis = Date.parse(time)
  return !Number.isNaN(millis) && isoTime(millis) === time ? millis : time
}
const wholeTime = (stored: unknown): unknown => (typeof stored === "number" ? isoTime(stored) : stored)
const runUrl = (repository: unknown, run: unknown): string => runOnGitHub(String(repository), String(run))

/** What is the same in every fact, or said by its data. */
const envelope = ({ sourceRepository }: Loose) => ({
  specversion: "1.0",
  source: "dispatcher",
  datacontenttype: "application/json",
  subject: sourceRepository
})

type Decision = Extract<Fact["data"], { readonly checks: unknown }>
/** The names in a decision's fact, with which its checks are packed. */
const namesOf = ({ sourceRepository, sourceWorkflow, target }: Decision) => [
  sourceRepository,
  sourceWorkflow,
  target.repository,
  target.workflow
]
const packedChecks = (data: Fact["data"]) =>
  "checks" in data ? { checks: packChecks(data.checks, namesOf(data)) } : {}

/** A fact without its envelope. */
const plainFact = ({ specversion: _, source: __, datacontenttype: ___, subject: ____, ...own }: Fact): Attributes =>
  asAttributes({ ...own, data: { ...own.data, ...packedChecks(own.data) } })

/** A fact, as it is to be stored under a key. */
export const packFact = (fact: Fact, key: Key): Attributes => {
  const said = readKey(key)
  if (said?.id !== fact.id || said.data.generation !== fact.data.generation) return plainFact(fact)
  const { deliveryId, sourceRepository, sourceWorkflow, acceptedAt, chain, ...more } = fact.data
  const { sourceRepositoryId: _, runId, attempt: __, generation: ___, ...own } = more
  const {
    target,
    orderId,
    started,
    runUrl: url,
    checks,
    ...rest
  } = { ...own, ...packedChecks(fact.data) } as Loose & {
    readonly target?: { readonly repository: string; readonly workflow: string; readonly ref: string }
    readonly started?: { readonly id: string; readonly url: string } | null
  }
  const isSaid = target?.repository === said.target?.repository && target?.workflow === said.target?.workflow
  const isOurs = started?.url === runUrl(target?.repository, started?.id)
  return asAttributes({
    ...{ t: shortTime(fact.time), v: fact.appversion, d: deliveryId, s: sourceRepository, w: sourceWorkflow },
    a: shortTime(acceptedAt),
    ...(fact.traceparent === undefined ? {} : { p: fact.traceparent }),
    ...(chain === undefined
      ? {}
      : { c: chain.root === said.run && chain.parent === null && chain.depth === 0 ? 1 : chain }),
    ...(target === undefined ? {} : { g: isSaid ? target.ref : target }),
    ...(orderId === undefined ? {} : { o: orderId === said.order ? 1 : orderId }),
    ...(started === undefined ? {} : { n: started !== null && isOurs ? started.id : started }),
    ...(url === undefined ? {} : { u: url === runUrl(sourceRepository, runId) ? 1 : url }),
    ...(checks === undefined ? {} : { k: checks }),
    ...(Object.keys(rest).length === 0 ? {} : { x: rest })
  })
}

/** The data of a fact that was stored by short names, under a key that says all else. */
const wholeData = (stored: Attributes, said: NonNullable<ReturnType<typeof readKey>>): Loose => {
  const { d, s, w, a, c, g, o, n, u, k, x } = stored
  const target = typeof g === "string" ? { ...said.target, ref: g } : (g as Loose | undefined)
  return {
    ...{ deliveryId: d, sourceRepository: s, sourceWorkflow: w, acceptedAt: wholeTime(a), ...said.data },
    ...(c === undefined ? {} : { chain: c === 1 ? { root: said.run, depth: 0, parent: null } : c }),
    ...(target === undefined ? {} : { target }),
    ...(o === undefined ? {} : { orderId: o === 1 ? said.order : o }),
    ...(n === undefined ? {} : { started: typeof n === "string" ? { id: n, url: runUrl(target?.repository, n) } : n }),
    ...(u === undefined ? {} : { runUrl: u === 1 ? runUrl(s, said.data.runId) : u }),
    ...(k === undefined ? {} : { checks: k }),
    ...(x as Loose | undefined)
  }
}

const wholeFact = ({ key, attributes }: Item): Loose & { readonly data: Loose } => {
  const said = "data" in attributes ? undefined : readKey(key)
  if (said === undefined) return attributes as unknown as Loose & { readonly data: Loose }
  const { t, v, p } = attributes
  return {
    ...{ id: said.id, type: said.type, time: wholeTime(t), appversion: v, data: wholeData(attributes, said) },
    ...(p === undefined ? {} : { traceparent: p })
  }
}

/** The item of a fact with the whole fact as its attributes; without its checks where they are not wanted. */
export const unpackFact = (item: Item, wanted: "checks" | "no checks"): Item => {
  const { data, ...fact } = wholeFact(item)
  const checksOf = (decision: Decision) => (wanted === "checks" ? unpackChecks(decision.checks, namesOf(decision)) : [])
  const whole = "checks" in data ? { ...data, checks: checksOf(data as unknown as Decision) } : data
  return { ...item, attributes: asAttributes({ ...envelope(data), ...fact, data: whole }) }
}
