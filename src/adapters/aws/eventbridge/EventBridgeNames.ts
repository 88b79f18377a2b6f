/** The variable that names the event bus; apart from the bus itself, so that naming it loads no SDK. */

/** The environment variable that holds the name (or ARN) of the event bus. */
export const busVariable = "EVENT_BUS_NAME"
