/** The tables of the local database, as the steps that lead to them. A step that was released is never changed: add another. */

/** `user_version` counts the steps that a database has been through. */
export const migrations: ReadonlyArray<string> = [
  `
  -- Text compares by its UTF-8 bytes (BINARY), which is the order that the Table port promises.
  CREATE TABLE items (
    tbl TEXT NOT NULL,
    partition TEXT NOT NULL,
    sort TEXT NOT NULL,
    version INTEGER NOT NULL,
    json TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (tbl, partition, sort)
  ) STRICT;
  CREATE INDEX items_by_expiry ON items (expires_at) WHERE expires_at IS NOT NULL;

  -- AUTOINCREMENT: an id is never used again, so a late verdict cannot hit another message.
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,
    visible_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    leased INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX messages_by_turn ON messages (queue, visible_at, leased);

  CREATE TABLE dead_letters (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    id INTEGER NOT NULL,
    body TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    died_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX dead_letters_by_queue ON dead_letters (queue, seq);
  `,
  // The trace that a message was offered in.
  "ALTER TABLE messages ADD COLUMN traceparent TEXT"
]
