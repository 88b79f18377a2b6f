/** How a request to the dashboard's API can fail: each with a sentence, and the status that HTTP has for it. */
import { Schema } from "effect"

/** Neither a valid token nor a valid session. */
export class SignInRequired extends Schema.TaggedError<SignInRequired>()(
  "Unauthorized",
  { message: Schema.String },
  { httpApiStatus: 401 }
) {}
/** A request that changes something came without the header that only our own page and tools send. */
export class ForgeryRefused extends Schema.TaggedError<ForgeryRefused>()(
  "ForgeryRefused",
  { message: Schema.String },
  { httpApiStatus: 403 }
) {}
/** Too many wrong tokens, from this address or altogether. `Retry-After` says the same number of seconds. */
export class TooManyAttempts extends Schema.TaggedError<TooManyAttempts>()(
  "TooManyAttempts",
  { message: Schema.String, retryAfter: Schema.Int },
  { httpApiStatus: 429 }
) {}
/** Parameters that are not what the contract says, by name. */
export class InvalidParameter extends Schema.TaggedError<InvalidParameter>()(
  "InvalidParameter",
  { message: Schema.String, parameters: Schema.Array(Schema.Struct({ name: Schema.String, message: Schema.String })) },
  { httpApiStatus: 400 }
) {}
/** There is no such delivery or run (any more). */
export class NoSuchJourney extends Schema.TaggedError<NoSuchJourney>()(
  "NoSuchJourney",
  { message: Schema.String },
  { httpApiStatus: 404 }
) {}
/** No chain began with this run, or it is forgotten. */
export class NoSuchChain extends Schema.TaggedError<NoSuchChain>()(
  "NoSuchChain",
  { message: Schema.String },
  { httpApiStatus: 404 }
) {}
/** The queue has no dead letter with this id (any more). */
export class NoSuchDeadLetter extends Schema.TaggedError<NoSuchDeadLetter>()(
  "NoSuchDeadLetter",
  { message: Schema.String },
  { httpApiStatus: 404 }
) {}
/** No index serves this combination of filters; `supported` lists those that one does. */
export class UnsupportedFilters extends Schema.TaggedError<UnsupportedFilters>()(
  "UnsupportedSearch",
  { message: Schema.String, supported: Schema.Array(Schema.Array(Schema.String)) },
  { httpApiStatus: 400 }
) {}
/** A cursor that no page gave. */
export class InvalidCursor extends Schema.TaggedError<InvalidCursor>()(
  "BadCursor",
  { message: Schema.String },
  { httpApiStatus: 400 }
) {}
/** The store does not answer. */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()(
  "StoreUnavailable",
  { message: Schema.String },
  { httpApiStatus: 503 }
) {}

/** GitHub does not answer, so that configs that were not pasted cannot be read. */
export class GitHubUnavailable extends Schema.TaggedError<GitHubUnavailable>()(
  "GitHubUnavailable",
  { message: Schema.String },
  { httpApiStatus: 503 }
) {}
