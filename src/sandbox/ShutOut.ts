/**
 * Organisations that shut the App out by their own settings. GitHub gives the App a token all the same, and refuses what is asked with it:
 * REST with 403, GraphQL with status 200 and a `FORBIDDEN` in place of each repository.
 */
import type { HttpServerResponse } from "effect/http"
import { refuseRequest, SandboxRefusal } from "./Answer.ts"
import type { CallerKind } from "./Caller.ts"
import type { Installation } from "./State.ts"

/** Why GitHub refuses, if the organisation shuts the App out. */
export const shutOutMessage = ({
  account,
  shutOutBy
}: Pick<Installation, "account" | "shutOutBy">): string | undefined => {
  switch (shutOutBy) {
    case "ip_allow_list":
      return `Although you appear to have the correct authorization credentials, the \`${account}\` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.`
    case "saml":
      return "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization."
    case undefined:
      return undefined
  }
}

/** The answer to a REST request with the token of an organisation that shuts the App out. */
export const shutOutAnswer = (caller: CallerKind, path: string): HttpServerResponse.HttpServerResponse | undefined => {
  const message = caller._tag === "Installation" ? shutOutMessage(caller.installation) : undefined
  return message === undefined || path === "/graphql"
    ? undefined
    : refuseRequest(new SandboxRefusal({ status: 403, message }))
}
