/**
 * How GitHub answers: JSON bodies, and refusals in its error shape. A handler fails with a SandboxRefusal; Endpoint.ts turns it
 * into the response.
 */
import { Schema } from "effect"
import { HttpServerResponse } from "effect/http"

const documentation = "https://docs.github.com/rest"

/** GitHub says no: a status, its `message`, and for validation the `errors`. Expected traffic, never a defect. */
export class SandboxRefusal extends Schema.TaggedError<SandboxRefusal>()("Refusal", {
  status: Schema.Int,
  message: Schema.String,
  /** Page under docs.github.com/rest that the answer points to. */
  page: Schema.optionalKey(Schema.String),
  /** Where a redirection leads. */
  location: Schema.optionalKey(Schema.String),
  errors: Schema.optionalKey(Schema.Array(Schema.Record(Schema.String, Schema.Unknown)))
}) {}

export const notFound = (page?: string): SandboxRefusal =>
  new SandboxRefusal({ status: 404, message: "Not Found", ...(page === undefined ? {} : { page }) })

/** A permission that the installation does not have. */
export const notAccessible = (page?: string): SandboxRefusal =>
  new SandboxRefusal({
    status: 403,
    message: "Resource not accessible by integration",
    ...(page === undefined ? {} : { page })
  })

export const unprocessable = (message: string, page?: string): SandboxRefusal =>
  new SandboxRefusal({ status: 422, message, ...(page === undefined ? {} : { page }) })

/** GitHub's 422 for a field that has the right type and a wrong value. */
export const validationFailed = (resource: string, field: string, code: string, message?: string): SandboxRefusal =>
  new SandboxRefusal({
    status: 422,
    message: "Validation Failed",
    errors: [{ resource, field, code, ...(message === undefined ? {} : { message }) }]
  })

export const json = (
  body: unknown,
  options: { readonly status?: number; readonly headers?: Record<string, string> } = {}
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.jsonUnsafe(body, { ...options, contentType: "application/json; charset=utf-8" })

/** An answer that was written as JSON already. */
export const jsonBody = (
  body: string,
  options: { readonly headers?: Record<string, string> } = {}
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(body, { ...options, contentType: "application/json; charset=utf-8" })

/** GitHub's error body. */
export const errorBody = (status: number, message: string, page?: string): Record<string, unknown> => ({
  message,
  documentation_url: page === undefined ? documentation : `${documentation}/${page}`,
  status: String(status)
})

export const refuseRequest = ({
  status,
  message,
  page,
  location,
  errors
}: SandboxRefusal): HttpServerResponse.HttpServerResponse => {
  const moved = location === undefined ? undefined : { url: location }
  return json(
    { ...errorBody(status, message, page), ...moved, ...(errors === undefined ? {} : { errors }) },
    { status, ...(location === undefined ? {} : { headers: { location } }) }
  )
}
