/**
 * Values as people type and copy them. White space around a value, and quotes that `docker run --env-file` keeps, can never be meant, except
 * in a secret: there a line end at the end is removed with a warning, and whatever else may be a part of it is refused by name.
 */
import { Config, Schema, SchemaIssue } from "effect"

/** What is wrong with a variable, by its name; `message` must hold nothing of the value, which may be a secret. */
export const variableProblem = (variable: string, message: string): Config.ConfigError =>
  new Config.ConfigError(
    new Schema.SchemaError(new SchemaIssue.Pointer([variable], new SchemaIssue.InvalidValue({ message })))
  )

/** Variables whose value a person chose, or a generator made: any character may be meant. */
const secrets: ReadonlySet<string> = new Set(["GITHUB_WEBHOOK_SECRET", "GITHUB_WEBHOOK_SECRET_PREVIOUS"])

const quoted = /^(["'`])([\s\S]*)\1$/

/** What a value is taken for; `problem` and `warning` never hold any of it. */
export interface Typed {
  readonly value: string
  readonly problem?: string
  readonly warning?: string
}

const secretOf = (text: string): Typed => {
  const value = text.replace(/[\r\n]+$/, "")
  if (value !== value.trim()) {
    return { value, problem: "begins or ends with white space; set it without, here and in the GitHub App's settings" }
  }
  if (value.length > 1 && quoted.test(value)) {
    return { value, problem: "is in quotes, which are a part of it here; remove them (docker --env-file keeps quotes)" }
  }
  return value === text ? { value } : { value, warning: "ends with a line end, which was removed" }
}

/** The value of a variable, from what is in the environment. */
export const typed = (variable: string, text: string): Typed => {
  if (secrets.has(variable)) return secretOf(text)
  const value = text.trim()
  return { value: value.replace(quoted, "$2").trim() }
}
