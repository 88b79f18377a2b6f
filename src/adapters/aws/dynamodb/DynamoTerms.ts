/**
 * The names and values that DynamoDB's expressions stand for. Every name gets a placeholder, because any of them may be one of
 * DynamoDB's several hundred reserved words or hold a dot.
 */
import type { DynamoItem } from "./DynamoItems.ts"

export class Terms {
  readonly #names = new Map<string, string>()
  readonly #values = new Map<string, DynamoItem[string]>()

  /** What to write for an attribute. */
  name(attribute: string): string {
    const known = this.#names.get(attribute)
    if (known !== undefined) return known
    const placeholder = `#${this.#names.size}`
    this.#names.set(attribute, placeholder)
    return placeholder
  }

  /** What to write for a value. */
  value(value: DynamoItem[string]): string {
    const placeholder = `:${this.#values.size}`
    this.#values.set(placeholder, value)
    return placeholder
  }

  /** What the placeholders of all expressions mean; DynamoDB takes no empty ones. */
  get expressions() {
    const ExpressionAttributeNames = Object.fromEntries(
      [...this.#names].map(([name, placeholder]) => [placeholder, name])
    )
    const ExpressionAttributeValues = Object.fromEntries(this.#values)
    return {
      ...(this.#names.size === 0 ? {} : { ExpressionAttributeNames }),
      ...(this.#values.size === 0 ? {} : { ExpressionAttributeValues })
    }
  }
}
