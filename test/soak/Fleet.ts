/** What is soaked: many source repositories for few target workflows, the runs that complete in them, and what becomes of those that they start, all by the seed. */
import type { ScenarioInput } from "../../src/sandbox/Scenario.ts"
import { between, type Chance } from "./Chance.ts"
import { coursesOf } from "./Courses.ts"

/** A workflow that sources start. */
export interface TargetWorkflow {
  readonly repository: string
  readonly workflow: string
  readonly ref: string
}

/** A run that is to complete, and what must come of it. */
export interface PlannedRun {
  readonly index: number
  readonly repository: string
  /** The run of which it is another attempt. */
  readonly rerunOf: number | undefined
  readonly targets: ReadonlyArray<TargetWorkflow>
  /** Whether it also asks for a workflow that no source may start. */
  readonly asksClosed: boolean
  /** Milliseconds before its delivery is sent. */
  readonly delay: number
  /** Further deliveries of it: how much later, and whether under the same GUID. */
  readonly copies: ReadonlyArray<{ readonly delay: number; readonly sameGuid: boolean }>
}

/** What is soaked. */
export interface Fleet {
  readonly scenario: ScenarioInput
  readonly runs: ReadonlyArray<PlannedRun>
}

const sourceCount = 40
/** The workflow of all sources. */
export const sourceWorkflow = "ci.yml"
const refs = ["main", "release"]
const workflows = [
  ["acme/deploy", "cd.yml"],
  ["acme/deploy", "docs.yml"],
  ["acme/infra", "cd.yml"],
  ["partner/portal", "cd.yml"],
  ["partner/mobile", "release.yml"]
] as const
/** The repository that no source may start anything in. */
export const closed = "acme/closed"

const sourceName = (index: number): string =>
  `${index % 8 === 7 ? "partner" : "acme"}/source-${String(index).padStart(2, "0")}`

/** One to three target workflows, each on one of two refs. */
const targetsOf = (chance: Chance, index: number): ReadonlyArray<TargetWorkflow> => {
  const count = between(1, 3, chance("targets", index))
  const first = between(0, workflows.length - 1, chance("first target", index))
  return Array.from({ length: count }, (_, step) => {
    const [repository, workflow] = workflows[(first + step) % workflows.length] ?? workflows[0]
    return { repository, workflow, ref: refs[between(0, 1, chance("ref", index, step))] ?? "main" }
  })
}

/** The started run says by this input which attempt of which run it was started for. */
const inputs = { order: "{{ source.run_id }}/{{ source.run_attempt }}" }
const dispatchable = "on: { workflow_dispatch: { inputs: { order: { required: true } } } }"

/** JSON is YAML. */
const sourceConfig = (targets: ReadonlyArray<TargetWorkflow>, asksClosed: boolean): string =>
  JSON.stringify({
    outbound: [
      {
        source: { workflow: sourceWorkflow },
        targets: [
          ...targets.map((target) => ({ ...target, inputs })),
          ...(asksClosed ? [{ repository: closed, workflow: "cd.yml", inputs }] : [])
        ]
      }
    ]
  })

const targetConfig = (files: ReadonlyArray<string>): string =>
  JSON.stringify({
    inbound: ["acme", "partner"].map((owner) => ({
      source: { repository: `${owner}/source-*`, workflow: sourceWorkflow },
      targets: files.map((workflow) => ({ workflow, accept_inputs: ["order"] }))
    }))
  })

const targetRepository = (name: string) => {
  const files = workflows.filter(([repository]) => repository === name).map(([, file]) => file)
  return {
    name,
    branches: ["release"],
    files: {
      ...Object.fromEntries(files.map((file) => [`.github/workflows/${file}`, dispatchable])),
      "dispatching.yml": targetConfig(files)
    }
  }
}

/** Which sources want to start the closed workflow. */
const asksClosedOf = (chance: Chance, source: number): boolean => chance("asks closed", source) < 0.2

const scenarioOf = (chance: Chance, count: number, listRunsWithinMillis: number): ScenarioInput => ({
  app: { id: 4711, slug: "dispatcher-soak", webhookSecret: "the secret of the soak" },
  installations: [
    { id: 101, account: "acme" },
    { id: 202, account: "partner" }
  ],
  listRunsWithinMillis,
  startedRuns: {
    workflows: workflows.map(([repository, workflow]) => ({
      repository,
      workflow,
      courses: coursesOf(chance, `${repository} ${workflow}`, count)
    }))
  },
  rateLimits: { core: { limit: 1_000_000 }, graphql: { limit: 1_000_000 } },
  repositories: [
    ...Array.from({ length: sourceCount }, (_, index) => ({
      name: sourceName(index),
      files: {
        [`.github/workflows/${sourceWorkflow}`]: "on: push",
        "dispatching.yml": sourceConfig(targetsOf(chance, index), asksClosedOf(chance, index))
      }
    })),
    ...[...new Set(workflows.map(([repository]) => repository))].map(targetRepository),
    { name: closed, files: { ".github/workflows/cd.yml": dispatchable, "dispatching.yml": "inbound: []" } }
  ]
})

const copiesOf = (chance: Chance, index: number) =>
  Array.from({ length: chance("copies", index) < 0.85 ? 0 : between(1, 2, chance("how many", index)) }, (_, copy) => ({
    delay: between(0, 3000, chance("copy later", index, copy)),
    sameGuid: chance("same guid", index, copy) < 0.6
  }))

const runOf = (chance: Chance, index: number): PlannedRun => {
  const source = between(0, sourceCount - 1, chance("source", index))
  const former = index - between(1, 20, chance("former", index))
  const again = former >= 0 && chance("rerun", index) < 0.08 ? runOf(chance, former) : undefined
  const rerunOf = again?.rerunOf === undefined ? again?.index : undefined
  return {
    index,
    repository: rerunOf === undefined ? sourceName(source) : (again?.repository ?? ""),
    rerunOf,
    targets: rerunOf === undefined ? targetsOf(chance, source) : (again?.targets ?? []),
    asksClosed: rerunOf === undefined ? asksClosedOf(chance, source) : again?.asksClosed === true,
    delay: between(0, 1500, chance("delay", index)),
    copies: copiesOf(chance, index)
  }
}

/** The sources, targets and runs of a seed. GitHub's lists may lag behind by so many milliseconds. */
export const fleetOf = (chance: Chance, count: number, listRunsWithinMillis: number): Fleet => ({
  scenario: scenarioOf(chance, count, listRunsWithinMillis),
  runs: Array.from({ length: count }, (_, index) => runOf(chance, index))
})
