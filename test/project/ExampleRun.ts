/** The run that `docs/dispatching-yml.md` takes its examples from. */
import { RepositoryName, WorkflowFile } from "../../src/domain/Names.ts"
import { GitHubId, type SourceRun } from "../../src/domain/SourceRun.ts"

export const run: SourceRun = {
  repository: RepositoryName.make("acme/shop"),
  repositoryId: GitHubId.make("1"),
  installationId: GitHubId.make("1"),
  defaultBranch: "main",
  workflow: WorkflowFile.make("ci.yml"),
  runId: GitHubId.make("19871234567"),
  attempt: 1,
  runNumber: 412,
  createdAt: "2026-11-02T08:15:27Z",
  branch: "release/1.4",
  sha: "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d",
  event: "push",
  conclusion: "success",
  actor: "octocat",
  url: "https://github.com/acme/shop/actions/runs/19871234567",
  fork: false
}
