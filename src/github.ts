/**
 * GitHub as a GitHub App, with Octokit. {@link GitHub} has in one layer what the stages need.
 *
 * @module dispatcher/github
 */

/** Who we are to GitHub: the App's id and key, and where GitHub is. */
export * as App from "./adapters/github/App.ts"
/** What GitHub says of the App itself. */
export * as AppInspection from "./adapters/github/AppInspection.ts"
/** `Checks`: check runs on commits. */
export * as GitHubChecks from "./adapters/github/Checks.ts"
/** `ConfigSource`: one GraphQL request for up to 100 repositories. */
export * as GitHubConfigSource from "./adapters/github/ConfigSource.ts"
/** `Deliveries`, asked as the App. */
export * as GitHubDeliveries from "./adapters/github/Deliveries.ts"
/** How requests to GitHub leave the process. */
export * as Fetch from "./adapters/github/Fetch.ts"
/** `Checks`, `ConfigSource`, `GitHubApp`, `Workflows` and `Reports` in one layer. */
export * as GitHub from "./adapters/github/GitHub.ts"
/** `GitHubApp`: the App's login, and GitHub's time. */
export * as GitHubGitHubApp from "./adapters/github/GitHubApp.ts"
/** Requests of one's own with an installation's rights. */
export * as Installations from "./adapters/github/Installations.ts"
/** `Reports`: issues and comments. */
export * as GitHubReports from "./adapters/github/Reports.ts"
/** What such a request is. */
export * as Requests from "./adapters/github/Requests.ts"
/** `Workflows`: `workflow_dispatch`. */
export * as GitHubWorkflows from "./adapters/github/Workflows.ts"
