/** The subcommands. Each is loaded when it is asked for: loading them all takes longer than most of them. */

const loaders = {
  validate: async () => [(await import("./Validate.ts")).command],
  explain: async () => [(await import("./Explain.ts")).command],
  schema: async () => [(await import("./Schema.ts")).command],
  send: async () => [(await import("./Send.ts")).command],
  redeliver: async () => [(await import("./Redeliver.ts")).command],
  journey: async () => [(await import("./Journey.ts")).journeyCommand],
  replay: async () => [(await import("./Journey.ts")).replayCommand],
  chain: async () => [(await import("./Chain.ts")).command],
  topology: async () => [(await import("./Topology.ts")).command],
  "dead-letters": async () => [(await import("./DeadLetters.ts")).command],
  events: async () => [(await import("./Events.ts")).command],
  rebuild: async () => [(await import("./Rebuild.ts")).command],
  setup: async () => [(await import("./Setup.ts")).command],
  doctor: async () => [(await import("./Doctor.ts")).command]
} as const

const isCommand = (word: string | undefined): word is keyof typeof loaders =>
  word !== undefined && Object.hasOwn(loaders, word)

/** The subcommand that the first word names; all of them where it names none, as for help, completions and what is misspelled. */
export const commandsFor = async (word: string | undefined) =>
  isCommand(word) ? await loaders[word]() : (await Promise.all(Object.values(loaders).map((load) => load()))).flat()
