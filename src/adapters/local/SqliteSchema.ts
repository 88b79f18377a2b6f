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
  "ALTER TABLE messages ADD COLUMN traceparent TEXT",
  // Groups, tries apart from hand-outs, waits, and messages that are handed out alone.
  `
  ALTER TABLE messages RENAME COLUMN attempt TO handout;
  ALTER TABLE messages ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE messages ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE messages ADD COLUMN offered_at INTEGER NOT NULL DEFAULT 0;
  -- For how long it was put off, milliseconds: the most that it may still wait when a process starts, whatever became of the clock.
  ALTER TABLE messages ADD COLUMN wait INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE messages ADD COLUMN grp TEXT;
  -- 1: nothing of its group is before it.
  ALTER TABLE messages ADD COLUMN head INTEGER NOT NULL DEFAULT 1;
  -- 1: to be handed out alone.
  ALTER TABLE messages ADD COLUMN alone INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE dead_letters ADD COLUMN traceparent TEXT;
  ALTER TABLE dead_letters ADD COLUMN grp TEXT;

  -- How long these have waited is not stored; they have all of their time before them, and wait for an hour at most.
  UPDATE messages SET offered_at = CAST(unixepoch('subsec') * 1000 AS INTEGER), wait = 3600000;

  -- Reports get a queue of their own, and what both queues hold has no tag any more.
  UPDATE messages SET queue = 'report', body = json_remove(body, '$._tag')
    WHERE queue = 'order' AND json_valid(body) AND json_extract(body, '$._tag') = 'PublishReport';
  UPDATE messages SET body = json_set(json_remove(body, '$._tag'), '$.generation', 0),
      grp = substr(json_extract(body, '$.order'), length(json_extract(body, '$.run')) + 2)
    WHERE queue = 'order' AND json_valid(body) AND json_extract(body, '$._tag') = 'DispatchOrder';
  UPDATE dead_letters SET queue = 'report', body = json_remove(body, '$._tag')
    WHERE queue = 'order' AND json_valid(body) AND json_extract(body, '$._tag') = 'PublishReport';
  UPDATE dead_letters SET body = json_set(json_remove(body, '$._tag'), '$.generation', 0),
      grp = substr(json_extract(body, '$.order'), length(json_extract(body, '$.run')) + 2)
    WHERE queue = 'order' AND json_valid(body) AND json_extract(body, '$._tag') = 'DispatchOrder';
  UPDATE messages SET head = 0 WHERE grp IS NOT NULL
    AND id NOT IN (SELECT min(id) FROM messages WHERE grp IS NOT NULL GROUP BY queue, grp);

  DROP INDEX messages_by_turn;
  CREATE INDEX messages_by_turn ON messages (queue, head, alone, visible_at, leased);
  CREATE INDEX messages_by_group ON messages (queue, grp, id) WHERE grp IS NOT NULL;
  `
]
