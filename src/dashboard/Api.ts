/**
 * The contract of the dashboard's API, under `/admin/api`. The page, the command line and other tools speak it; `openapi.json` beside it is
 * generated from it. Every reading is a stored value (`domain/Answers.ts`) that is read by its key; what acts or evaluates live is in the
 * group of commands.
 */
import { HttpApi, OpenApi } from "effect/http-api"
import { CommandsApi } from "./api/Commands.ts"
import { DeadLettersApi } from "./api/DeadLetters.ts"
import { FiguresApi } from "./api/Figures.ts"
import { ListsApi } from "./api/Lists.ts"

/** The whole API. */
export class Api extends HttpApi.make("dispatcher")
  .add(FiguresApi)
  .add(ListsApi)
  .add(CommandsApi)
  .add(DeadLettersApi)
  .prefix("/admin/api")
  // A misspelt filter must not answer another question than the one that was meant, and a misspelt field must not do another thing.
  .annotate(HttpApi.QueryParseOptions, { onExcessProperty: "error", errors: "all", reportInput: true })
  .annotate(HttpApi.PayloadParseOptions, { onExcessProperty: "error", errors: "all" })
  .annotateMerge(OpenApi.annotations({ title: "Dispatcher dashboard", version: "1" })) {}
