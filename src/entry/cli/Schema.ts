/** `dispatcher schema`: the JSON Schema of `dispatching.yml`, for editors (`# yaml-language-server: $schema=…`) and other validators. */
import { Console } from "effect"
import { Command } from "effect/cli"
import { configJsonSchema } from "../../domain/ConfigJsonSchema.ts"

export const command = Command.make("schema", {}, () => Console.log(JSON.stringify(configJsonSchema, null, 2))).pipe(
  Command.withDescription("Print the JSON Schema of dispatching.yml, for editors and validators"),
  Command.withExamples([
    {
      command: "dispatcher schema > dispatching.schema.json",
      description: "Then begin dispatching.yml with: # yaml-language-server: $schema=./dispatching.schema.json"
    }
  ])
)
