-- SPDX-License-Identifier: Apache-2.0
-- The book, version 1. The truth is entry.bytes and opening; everything else is an index of them that
-- `joulebook balance` compares with them. Column names end in the unit. Forward only: never edit this file once a
-- book was made with it; add the next number.

CREATE TABLE entry (
  seq INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  layer INTEGER NOT NULL,
  utc_us INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  is_memo INTEGER NOT NULL,
  about_seq INTEGER,
  leaf BLOB NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_by_leaf ON entry (leaf);
CREATE INDEX entry_by_run ON entry (run_id, kind) WHERE run_id <> '';

CREATE TABLE opening (
  seq INTEGER NOT NULL,
  position INTEGER NOT NULL,
  salt BLOB,
  value TEXT,
  PRIMARY KEY (seq, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
  account_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE line (
  seq INTEGER NOT NULL,
  position INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  amount_uj INTEGER NOT NULL,
  low_uj INTEGER,
  high_uj INTEGER,
  reserved_uj INTEGER,
  all_uj INTEGER,
  PRIMARY KEY (seq, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX line_by_account ON line (account_id, seq);

CREATE TABLE meter (
  meter_id INTEGER PRIMARY KEY,
  host TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  UNIQUE (host, boot_id, channel)
) STRICT;

CREATE TABLE interval (
  seq INTEGER PRIMARY KEY,
  meter_id INTEGER NOT NULL,
  mono_start_ns INTEGER NOT NULL,
  mono_end_ns INTEGER NOT NULL,
  utc_start_us INTEGER NOT NULL,
  utc_end_us INTEGER NOT NULL,
  energy_uj INTEGER NOT NULL,
  parent TEXT NOT NULL,
  is_memo INTEGER NOT NULL
) STRICT;
CREATE INDEX interval_by_meter ON interval (meter_id, mono_end_ns) WHERE is_memo = 0;

CREATE TABLE run (
  run_id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  start_utc_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX run_by_start ON run (start_utc_us, seq);

CREATE TABLE series (
  seq INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE tree (
  tree_id INTEGER PRIMARY KEY CHECK (tree_id = 1),
  size INTEGER NOT NULL,
  edge BLOB NOT NULL
) STRICT;
INSERT INTO tree (tree_id, size, edge) VALUES (1, 0, x'');

CREATE TRIGGER entry_keeps BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER opening_keeps BEFORE UPDATE ON opening
  WHEN NEW.seq IS NOT OLD.seq OR NEW.position IS NOT OLD.position OR NEW.salt IS NOT NULL OR NEW.value IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'a field can only be erased'); END;
CREATE TRIGGER opening_stays BEFORE DELETE ON opening BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER account_keeps BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER account_stays BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER line_keeps BEFORE UPDATE ON line BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER line_stays BEFORE DELETE ON line BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER meter_keeps BEFORE UPDATE ON meter BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER meter_stays BEFORE DELETE ON meter BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER interval_keeps BEFORE UPDATE ON interval BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER interval_stays BEFORE DELETE ON interval BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER run_keeps BEFORE UPDATE ON run BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER run_stays BEFORE DELETE ON run BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER series_keeps BEFORE UPDATE ON series BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER series_stays BEFORE DELETE ON series BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
