/**
 * What the sandbox GitHub holds in the end-to-end tests: `acme/shop`, whose `ci.yml` starts `cd.yml` in its targets. The workflows take
 * an input `run`, so that every started run says which attempt of which source run it was started for.
 */
import type { ScenarioInput } from "../../src/sandbox/Scenario.ts"

export type RepositoryInput = ScenarioInput["repositories"][number]

/** The repository and workflow that complete in nearly all tests. */
export const shop = { repository: "acme/shop", workflow: "ci.yml" } as const

const dispatchable = "on: { workflow_dispatch: { inputs: { run: { required: true } } } }"

/** JSON is YAML. */
const yaml = (config: unknown): string => JSON.stringify(config)

/** `dispatching.yml` of a source whose `ci.yml` starts `cd.yml` in each of the targets. */
const outbound = (targets: ReadonlyArray<string>): string =>
  yaml({
    outbound: [
      {
        source: { workflow: "ci.yml" },
        targets: targets.map((repository) => ({
          repository,
          workflow: "cd.yml",
          inputs: { run: "{{ source.run_id }}/{{ source.run_attempt }}" }
        }))
      }
    ]
  })

/** `dispatching.yml` of a target that lets a source's `ci.yml` start its `cd.yml`. */
export const inbound = (repository: string): string =>
  yaml({
    inbound: [{ source: { repository, workflow: "ci.yml" }, targets: [{ workflow: "cd.yml", accept_inputs: ["run"] }] }]
  })

/** A repository whose `ci.yml` starts `cd.yml` in each of the targets. */
export const source = (name: string, targets: ReadonlyArray<string>): RepositoryInput => ({
  name,
  files: { ".github/workflows/ci.yml": "on: push", "dispatching.yml": outbound(targets) }
})

/** A repository with a `cd.yml` that `acme/shop` may start, unless its config says otherwise. */
export const target = (name: string, config: string | undefined = inbound(shop.repository)): RepositoryInput => ({
  name,
  files: { ".github/workflows/cd.yml": dispatchable, "dispatching.yml": config }
})

/** A scenario of these repositories; the App is installed on the two accounts `acme` and `partner`. */
export const scenario = (
  repositories: ReadonlyArray<RepositoryInput>,
  settings: Partial<ScenarioInput> = {}
): ScenarioInput => ({
  app: { id: 4711, slug: "dispatcher-e2e", webhookSecret: "the secret of the end-to-end tests" },
  installations: [
    { id: 101, account: "acme" },
    { id: 202, account: "partner" }
  ],
  repositories,
  ...settings
})

/** `acme/shop` and targets that all agree. */
export const fleet = (targets: ReadonlyArray<string>, settings: Partial<ScenarioInput> = {}): ScenarioInput =>
  scenario([source(shop.repository, targets), ...targets.map((name) => target(name))], settings)

/** The path by which GitHub is asked to start a target's workflow. */
export const startPath = (repository: string): string => `/repos/${repository}/actions/workflows/cd.yml/dispatches`
