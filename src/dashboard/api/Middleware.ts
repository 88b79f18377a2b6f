/** What every endpoint of the API asks of a request: who the caller is, and parameters that are what the contract says. */
import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import { ForgeryRefused, InvalidParameter, SignInRequired, TooManyAttempts } from "./Errors.ts"

/** The caller: has the admin token, or a session that was opened with it. */
export class SignedInCaller extends Context.Service<SignedInCaller, { readonly name: string }>()(
  "dispatcher/dashboard/api/Middleware/Caller"
) {}

/** `Authorization: Bearer ADMIN_TOKEN`, or the session cookie. */
export class Authorization extends HttpApiMiddleware.Service<
  Authorization,
  { provides: SignedInCaller; requires: never }
>()("dispatcher/dashboard/api/Middleware/Authorization", {
  requiredForClient: false,
  security: {
    bearer: HttpApiSecurity.bearer,
    cookie: HttpApiSecurity.apiKey({ in: "cookie", key: "dispatcher_session" })
  },
  error: [SignInRequired, ForgeryRefused, TooManyAttempts]
}) {}

/** Names the parameter that is wrong, and what is wrong with it. */
export class Parameters extends HttpApiMiddleware.Service<Parameters>()(
  "dispatcher/dashboard/api/Middleware/Parameters",
  { error: InvalidParameter }
) {}
