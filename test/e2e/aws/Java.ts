/** Tests that need DynamoDB Local, and thereby Java. Without it they say so, once, where everybody sees it, instead of passing silently. */
import { describe, it } from "@effect/vitest"
import { hasJava } from "../../adapters/aws/support/DynamoDbLocal.ts"

/** A suite that needs Java. */
export const ifJava = (name: string, suite: () => void): void => {
  if (hasJava) {
    describe(name, suite)
    return
  }
  process.stderr.write(`\nSKIPPED: ${name}: DynamoDB Local needs Java 17 or newer, and there is no java\n`)
  // biome-ignore lint/suspicious/noSkippedTests: shown as skipped, which it is
  describe(name, () => it.skip("needs Java 17 or newer", () => {}))
}
