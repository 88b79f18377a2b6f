import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Logger, Result, Scope } from "effect"
import { type Sql, SqliteError } from "../../../src/adapters/local/Sql.ts"
import * as Sqlite from "../../../src/adapters/local/Sqlite.ts"
import { makeSqliteStore } from "../../../src/adapters/local/SqliteQueue.ts"
import { migrations } from "../../../src/adapters/local/SqliteSchema.ts"
import { databasePath } from "./support.ts"

const tables = `
  CREATE TABLE notes (text TEXT PRIMARY KEY) STRICT;
  CREATE TABLE references_checked_by_commit (
    text TEXT NOT NULL REFERENCES notes (text) DEFERRABLE INITIALLY DEFERRED
  ) STRICT;`

/** A database in memory with a table to write to. */
const layerNotes = Layer.effectDiscard(
  Effect.gen(function* () {
    const { write } = yield* Sqlite.Sqlite
    yield* write((sql) => Result.succeed(sql.exec(tables)))
  })
).pipe(Layer.provideMerge(Sqlite.layer(":memory:")))

const note = (text: string) => (sql: Sql) => {
  sql.run("INSERT INTO notes VALUES (?)", text)
  return Result.succeed(text)
}
/** Writes, and makes COMMIT fail. */
const uncommittable = (sql: Sql) => {
  sql.run("INSERT INTO references_checked_by_commit VALUES ('nothing')")
  return Result.succeed("uncommittable")
}
const notes = Effect.flatMap(Sqlite.Sqlite, ({ read }) =>
  read((sql) => sql.all("SELECT text FROM notes ORDER BY text").map(({ text }) => text))
)
const all = { concurrency: "unbounded" } as const
/** Opens a database until the returned scope closes. */
const open = Effect.fnUntraced(function* (path: string) {
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(Layer.fresh(Sqlite.layer(path)), scope)
  return { scope, ...Context.get(context, Sqlite.Sqlite) }
})

describe("a write", () => {
  it.effect("answers with what its unit gives", () =>
    Effect.gen(function* () {
      const { write } = yield* Sqlite.Sqlite
      assert.strictEqual(yield* write(note("a")), "a")
      assert.strictEqual(yield* Effect.flip(write(() => Result.fail("no"))), "no")
      assert.deepStrictEqual(yield* notes, ["a"])
    }).pipe(Effect.provide(layerNotes))
  )
  it.effect.each([
    ["and its neighbours alone", all],
    ["in a transaction of its own, too", {}]
  ] as const)("that fails leaves nothing behind, %s", ([, options]) =>
    Effect.gen(function* () {
      const { write } = yield* Sqlite.Sqlite
      const mistake = new Error("a mistake")
      const exits = yield* Effect.forEach(
        [
          write(note("before")),
          write((sql) => Result.andThen(note("failing")(sql), () => Result.fail("no"))),
          write((sql) => {
            note("throwing")(sql)
            throw mistake
          }),
          write((sql) => {
            note("refused")(sql)
            return note("before")(sql)
          }),
          write((sql) => Result.succeed(sql.run("not SQL"))),
          write(note("after"))
        ],
        Effect.exit,
        options
      )
      const failures = exits.map((exit) => (Exit.isSuccess(exit) ? "written" : exit.cause.reasons[0]))
      assert.strictEqual(failures[0], "written")
      assert.propertyVal(failures[1], "error", "no")
      assert.propertyVal(failures[2], "defect", mistake)
      for (const index of [3, 4]) assert.instanceOf(Reflect.get(Object(failures[index]), "error"), SqliteError)
      assert.strictEqual(failures[5], "written")
      assert.deepStrictEqual(yield* notes, ["after", "before"])
    }).pipe(Effect.provide(layerNotes))
  )
  it.effect(
    "shares its transaction with all that are submitted with it: when COMMIT fails, none is written and all fail",
    () =>
      Effect.gen(function* () {
        const { write } = yield* Sqlite.Sqlite
        const units = [note("a"), uncommittable, note("b")]
        const errors = yield* Effect.forEach(units, (unit) => Effect.flip(write(unit)), all)
        for (const error of errors) assert.instanceOf(error, SqliteError)
        assert.include(errors[0]?.message, "constraint")
        assert.deepStrictEqual(yield* notes, [])
        yield* write(note("later"))
        assert.deepStrictEqual(yield* notes, ["later"])
      }).pipe(Effect.provide(layerNotes))
  )
  it.effect("fails with all others when the disk is full, and writing goes on when there is room again", () =>
    Effect.gen(function* () {
      const { write } = yield* Sqlite.Sqlite
      const setLimit = (pages: number) => write((sql) => Result.succeed(sql.get(`PRAGMA max_page_count = ${pages}`)))
      yield* setLimit(40)
      const writes = [write(note("small")), write(note("x".repeat(500_000))), write(note("small too"))]
      for (const error of yield* Effect.forEach(writes, (each) => Effect.flip(each), all)) {
        assert.instanceOf(error, SqliteError)
        assert.include(error.message, "full")
      }
      yield* setLimit(10_000)
      yield* write(note("x".repeat(500_000)))
      assert.strictEqual((yield* notes).length, 1)
    }).pipe(Effect.provide(layerNotes))
  )
  it.effect("that is interrupted before its turn is not written", () =>
    Effect.gen(function* () {
      const { write } = yield* Sqlite.Sqlite
      const fiber = yield* Effect.forkChild(write(note("interrupted")), { startImmediately: true })
      yield* Fiber.interrupt(fiber)
      yield* write(note("after"))
      assert.deepStrictEqual(yield* notes, ["after"])
    }).pipe(Effect.provide(layerNotes))
  )
  it.effect("that a request waits for goes before the work of stages, which leaves the event loop its turns", () =>
    Effect.gen(function* () {
      const { write } = yield* Sqlite.Sqlite
      const units: Array<string> = []
      const unit = (name: string) => () => Result.succeed(units.push(name))
      let answers = 0
      const answersSeen: Array<number> = []
      const look = () => answersSeen.push(answers)
      const work = Effect.tap(write(unit("work")), () => Effect.sync(() => answers++))
      const request = Effect.tap(write(unit("request"), "synced", "request"), () =>
        Effect.sync(() => {
          look()
          setImmediate(look)
        })
      )
      yield* Effect.all([...Array.from({ length: 100 }, () => work), request], all)
      assert.strictEqual(units[0], "request")
      assert.strictEqual(answers, 100)
      const [first, second = 100] = answersSeen
      assert.strictEqual(first, 0)
      assert.isBelow(second, 50)
    }).pipe(Effect.provide(layerNotes))
  )
  it.effect("that a request waits for has less of the log moved to the database at a time", () =>
    Effect.gen(function* () {
      const { read, write } = yield* Sqlite.Sqlite
      const pages = read((sql) => Number(sql.get("PRAGMA wal_autocheckpoint")?.wal_autocheckpoint))
      yield* write(note("work"))
      const calm = yield* pages
      yield* write(note("a delivery"), "synced", "request")
      const besideRequests = yield* pages
      assert.isAbove(besideRequests, 0)
      assert.isBelow(besideRequests, calm)
    }).pipe(Effect.provide(layerNotes))
  )
  it.effect("keeps the order of submissions", () =>
    Effect.gen(function* () {
      const { write } = yield* Sqlite.Sqlite
      const numbers = Array.from({ length: 100 }, (_, n) => String(1000 + n))
      yield* Effect.forEach(numbers, (text) => write(note(text)), all)
      const inOrder = yield* Effect.flatMap(Sqlite.Sqlite, ({ read }) =>
        read((sql) => sql.all("SELECT text FROM notes ORDER BY rowid").map(({ text }) => text))
      )
      assert.deepStrictEqual(inOrder, numbers)
    }).pipe(Effect.provide(layerNotes))
  )
})

describe("the database file", () => {
  it.effect("keeps what was written, and is whole without its log when closed", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      const first = yield* open(path)
      yield* first.write((sql) => Result.succeed(sql.exec(tables)))
      yield* first.write(note("kept"))
      yield* Scope.close(first.scope, Exit.void)
      assert.isFalse(existsSync(`${path}-wal`))

      const second = yield* open(path)
      assert.strictEqual((yield* second.read((sql) => sql.get("SELECT text FROM notes")))?.text, "kept")
      yield* Scope.close(second.scope, Exit.void)
    })
  )
  it.effect("takes what was submitted before it closed, and nothing later", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      const first = yield* open(path)
      yield* first.write((sql) => Result.succeed(sql.exec(tables)))
      const submitted = yield* Effect.forkChild(first.write(note("submitted")), { startImmediately: true })
      yield* Scope.close(first.scope, Exit.void)
      assert.strictEqual(yield* Fiber.join(submitted), "submitted")
      assert.instanceOf(yield* Effect.flip(first.write(note("late"))), SqliteError)
      assert.instanceOf(yield* Effect.flip(first.read((sql) => sql.get("SELECT 1"))), SqliteError)
    })
  )
  it.effect("is refused to a second user while the first has it", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      const first = yield* open(path)
      const error = yield* Effect.flip(open(path))
      assert.include(error.message, "another process has the database open")
      assert.include(error.message, path)
      yield* Scope.close(first.scope, Exit.void)
      const second = yield* open(path)
      yield* Scope.close(second.scope, Exit.void)
    })
  )
  for (const [version] of migrations.entries()) {
    it.effect(`is brought up to date from version ${version}, with all that waits in it`, () =>
      Effect.gen(function* () {
        const path = yield* databasePath
        mkdirSync(dirname(path))
        const before = new DatabaseSync(path)
        for (const step of migrations.slice(0, version)) before.exec(step)
        before.exec(`PRAGMA user_version = ${version}`)
        if (version > 0) {
          before.exec("INSERT INTO messages (queue, body, visible_at) VALUES ('plan', '\"kept\"', 0)")
          before.exec("INSERT INTO items VALUES ('ledger', 'a', 'b', 1, '{}', NULL)")
        }
        before.close()

        const first = yield* open(path)
        const queue = yield* makeSqliteStore("plan").pipe(Effect.provideService(Sqlite.Sqlite, first))
        yield* queue.add(
          [{ body: '"new"', traceparent: "a trace", wait: 1, group: undefined, deduplication: undefined }],
          0
        )
        const { messages } = yield* queue.take({ limit: 10, now: 1, lease: 1, alone: false })
        const expected = [...(version > 0 ? ['"kept" undefined'] : []), '"new" a trace']
        assert.deepStrictEqual(
          messages.map(({ body, traceparent }) => `${body} ${traceparent}`),
          expected
        )
        const items = yield* first.read((sql) => sql.all("SELECT partition FROM items"))
        assert.strictEqual(items.length, version > 0 ? 1 : 0)
        yield* Scope.close(first.scope, Exit.void)
        // The next start finds nothing left to do.
        const second = yield* open(path)
        const now = yield* second.read((sql) => sql.get("PRAGMA user_version"))
        assert.strictEqual(now?.user_version, migrations.length)
        yield* Scope.close(second.scope, Exit.void)
      })
    )
  }
  it.effect("that cannot be used says which user needs which files", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      mkdirSync(path, { recursive: true })
      const error = yield* Effect.flip(open(path))
      assert.strictEqual(
        error.message,
        `open ${path}: unable to open database file; user ${process.getuid?.()} must be able to write to it and to its folder`
      )
    })
  )
  it.effect("is refused when a newer version wrote it, or when it is no database", () =>
    Effect.gen(function* () {
      const path = yield* databasePath
      mkdirSync(dirname(path))
      const database = new DatabaseSync(path)
      database.exec("PRAGMA user_version = 999")
      database.close()
      assert.include((yield* Effect.flip(open(path))).message, "newer version")
      writeFileSync(path, "no database at all ".repeat(1000))
      assert.include((yield* Effect.flip(open(path))).message, "not a database")
    })
  )
})

describe("the files", () => {
  const modeOf = (path: string) => statSync(path).mode & 0o777

  it.effect("of a new database are for their owner only", () =>
    Effect.gen(function* () {
      const path = join(dirname(yield* databasePath), "made", "dispatcher.db")
      yield* Layer.build(Sqlite.layer(path))
      assert.deepStrictEqual([dirname(path), path, `${path}-wal`].map(modeOf), [0o700, 0o600, 0o600])
    })
  )

  it.effect("of an older database are closed to others", () =>
    Effect.gen(function* () {
      const path = join(dirname(yield* databasePath), "older", "dispatcher.db")
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
      for (const file of [path, `${path}-wal`]) writeFileSync(file, "", { mode: 0o644 })
      const lines: Array<unknown> = []
      const collect = Logger.layer([Logger.make(({ message }) => lines.push(...[message].flat()))])
      yield* Layer.build(Sqlite.layer(path)).pipe(Effect.provide(collect))
      assert.deepStrictEqual([dirname(path), path, `${path}-wal`].map(modeOf), [0o700, 0o600, 0o600])
      assert.lengthOf(lines, 3)
    })
  )
})
