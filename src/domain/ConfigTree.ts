/**
 * Nodes of the `yaml` package → plain values, each with its place in the text.
 *
 * Repeated keys and aliases are resolved here, because the library compares keys pairwise and looks anchors up one by one. An
 * alias shares the value and the places of its anchor: nothing is ever copied, and what a file would come to with all
 * aliases written out is only counted. Values are plain data without prototypes, so that no key means anything to JavaScript.
 */
import {
  type Alias,
  isAlias,
  isMap,
  isPair,
  isScalar,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq
} from "yaml"
import { clipped, type Place, type Problem, quoted } from "./ConfigProblem.ts"

/** Most bytes that a file may come to once its aliases are written out, where each value costs `valueCost` besides its text. */
const maxExpandedBytes = 256 * 1024
const valueCost = 8

/**
 * What a text says. Its problems leave the rest of the value fit to be looked at: `undefined`, which YAML does not have, stands
 * where an alias means nothing.
 */
export interface Tree {
  readonly value: unknown
  readonly place: Place
  readonly problems: ReadonlyArray<Problem>
}

const noChildren: ReadonlyMap<PropertyKey, Place> = new Map()

interface Read {
  readonly value: unknown
  readonly place: Place
  /** Bytes of the value with all aliases written out, roughly. */
  readonly cost: number
}

/** Reads one document, once, from top to bottom. It recurses as deep as the nodes go, which the caller has bounded. */
class TreeReader {
  readonly problems: Array<Problem> = []
  /** By anchor; undefined while the anchored value itself is being read. */
  private readonly anchors = new Map<string, Read | undefined>()
  private readonly path: Array<PropertyKey> = []
  private expandedBytes = 0
  private exploded = false

  /** `key` and `end`: where the value's key starts, and where the value would stand if there is none. */
  read(node: ParsedNode | null, key: number | undefined, end: number): Read {
    if (node === null) return leaf(null, { key, value: end, source: "", children: noChildren })
    if (isAlias(node)) return this.readAlias(node, key)
    const { anchor } = node
    if (anchor !== undefined) this.anchors.set(anchor, undefined)
    const read = isScalar(node) ? this.readScalar(node, key) : this.readCollection(node, key)
    if (anchor !== undefined) this.anchors.set(anchor, read)
    return read
  }

  private readScalar(node: Scalar.Parsed, key: number | undefined): Read {
    const read = leaf(node.value, { key, value: node.range[0], source: node.source, children: noChildren })
    this.expandedBytes += read.cost
    return read
  }

  private readAlias(node: Alias.Parsed, key: number | undefined): Read {
    const value = node.range[0]
    const target = this.anchors.get(node.source)
    const problem = target === undefined ? this.danglingAlias(node.source) : this.explosion(target)
    if (target !== undefined && !this.exploded) return { ...target, place: { ...target.place, key, value } }
    if (problem !== undefined) this.report(value, problem)
    return leaf(undefined, { key, value, source: undefined, children: noChildren })
  }

  private danglingAlias(source: string): string {
    const name = clipped(source)
    return this.anchors.has(source)
      ? `the alias *${name} stands inside of &${name} itself`
      : `unknown alias *${name}, no &${name} before it; put a pattern that starts with * in quotes`
  }

  /** Counts what an alias stands for; the problem if that is too much for the first time. */
  private explosion(target: Read): string | undefined {
    this.expandedBytes += target.cost
    if (this.exploded || this.expandedBytes <= maxExpandedBytes) return undefined
    this.exploded = true
    return `with its aliases written out, the file is larger than ${maxExpandedBytes / 1024} KiB`
  }

  private readCollection(node: YAMLMap.Parsed | YAMLSeq.Parsed, key: number | undefined): Read {
    this.expandedBytes += valueCost
    const children = new Map<PropertyKey, Place>()
    const { value, cost } = isMap(node) ? this.readMap(node, children) : this.readList(node, children)
    return { value, cost, place: { key, value: node.range[0], source: undefined, children } }
  }

  private readList(node: YAMLSeq.Parsed, children: Map<PropertyKey, Place>) {
    const value: Array<unknown> = []
    let cost = valueCost
    for (const [index, item] of node.items.entries()) {
      const read = this.at(index, () => this.read(isPair(item) ? null : item, undefined, node.range[0]))
      value.push(read.value)
      children.set(index, read.place)
      cost += read.cost
    }
    return { value, cost }
  }

  /** Of repeated keys the first one counts, as far as the value is still looked at. */
  private readMap(node: YAMLMap.Parsed, children: Map<PropertyKey, Place>) {
    const value: Record<string, unknown> = Object.create(null)
    let cost = valueCost
    for (const pair of node.items) {
      const key = this.read(pair.key, undefined, node.range[0])
      const keyAt = key.place.value
      const name = String(key.value)
      const first = children.get(name)
      const read = this.at(name, () => {
        if (first !== undefined) this.reportRepeated(name, keyAt, first.key ?? first.value)
        return this.read(pair.value, keyAt, keyAt)
      })
      cost += key.cost + read.cost
      if (first !== undefined) continue
      value[name] = read.value
      children.set(name, read.place)
    }
    return { value, cost }
  }

  private reportRepeated(name: string, offset: number, first: number) {
    this.problems.push({
      offset,
      path: [...this.path],
      message: (lineOf) => `repeated key ${quoted(name)}, first on line ${lineOf(first)}`
    })
  }

  private report(offset: number, message: string) {
    this.problems.push({ offset, path: [...this.path], message: () => message })
  }

  private at<A>(key: PropertyKey, read: () => A): A {
    this.path.push(key)
    const result = read()
    this.path.pop()
    return result
  }
}

const leaf = (value: unknown, place: Place): Read => ({ value, place, cost: valueCost + (place.source?.length ?? 0) })

/** Reads the contents of a document that has no syntax errors. */
export const readTree = (contents: ParsedNode | null): Tree => {
  const reader = new TreeReader()
  const { value, place } = reader.read(contents, undefined, 0)
  return { value, place, problems: reader.problems }
}
