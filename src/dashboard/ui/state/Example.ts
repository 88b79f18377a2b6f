/** Two files that agree with each other, to see what the Explain view is for, and to begin with. */
import type { ExplainDraft } from "./Draft.ts"
import { nothingFilledIn } from "./HypotheticalInput.ts"

const source = `outbound:
  - source:
      workflow: ci.yml
      branches: [main, "release/*"]
    targets:
      - repository: deploy
        workflow: cd.yml
        ref: main
        inputs:
          sha: "{{ source.sha }}"
      - repository: docs
        workflow: publish.yml
`

const deploy = `inbound:
  - source:
      repository: shop
      workflow: ci.yml
      branches: [main]
    targets:
      - workflow: cd.yml
        accept_inputs: [sha]
        refs: [main]
`

const docs = `inbound:
  - source:
      repository: handbook
      workflow: ci.yml
    targets:
      - workflow: publish.yml
`

export const exampleDraft: ExplainDraft = {
  supposed: { ...nothingFilledIn, repository: "acme/shop", workflow: "ci.yml", branch: "main" },
  source,
  targets: [
    { id: "1", repository: "acme/deploy", text: deploy },
    { id: "2", repository: "acme/docs", text: docs }
  ],
  defaultBranch: ""
}
