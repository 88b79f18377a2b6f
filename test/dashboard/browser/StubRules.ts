/**
 * The stub server's answers about runs that have not happened: the rules themselves, over two repositories' files and those that are
 * pasted, so that what the page shows is what the real server would say.
 */
import { Effect, Layer, Schema } from "effect"
import { ExplainRequest } from "../../../src/dashboard/api/Commands.ts"
import type { ConfigAnswer } from "../../../src/domain/Config.ts"
import { Explanation } from "../../../src/domain/Explanation.ts"
import { RepositoryName } from "../../../src/domain/Names.ts"
import { explain, layerPasted } from "../../../src/flow/Explain.ts"
import { layerSettings } from "../../../src/flow/Settings.ts"
import { layerMemory } from "../../../src/testing/fakes/ConfigSource.ts"
import { absent, found } from "../../fixtures/Configs.ts"

const shop = `outbound:
  - source:
      workflow: ci.yml
    targets:
      - repository: deploy
        workflow: cd.yml
        inputs:
          sha: "{{ source.sha }}"
      - repository: payments
        workflow: cd.yml
`
const deploy = `inbound:
  - source:
      repository: "*"
      workflow: ci.yml
    targets:
      - workflow: cd.yml
        accept_inputs: [sha]
`

const onGitHub = layerMemory(
  new Map<RepositoryName, ConfigAnswer>([
    [RepositoryName.make("acme/shop"), found(shop)],
    [RepositoryName.make("acme/deploy"), found(deploy)],
    [RepositoryName.make("acme/payments"), found("inbound: []")],
    [RepositoryName.make("acme/docs"), absent]
  ])
)

const decode = Schema.decodeUnknownEffect(ExplainRequest)
const encode = Schema.encodeUnknownEffect(Explanation)

/** Answers a request as it came; undefined if it is none. */
export const explained = (body: unknown): Promise<unknown> =>
  Effect.gen(function* () {
    const { run, configs = {}, defaultBranch = "main" } = yield* decode(body)
    const texts = new Map(Object.entries(configs).map(([name, text]) => [RepositoryName.make(name), text]))
    const pasted = layerPasted(texts, defaultBranch).pipe(Layer.provide(onGitHub))
    return yield* Effect.provide(explain(run), Layer.merge(pasted, layerSettings()))
  }).pipe(
    Effect.flatMap(encode),
    Effect.orElseSucceed(() => undefined),
    Effect.runPromise
  )
