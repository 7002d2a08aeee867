-- SPDX-License-Identifier: Apache-2.0
-- Version 2: the roots of the complete subtrees of 256^level leaves, so that a proof reads some hundred hashes of a
-- book of any size. Number `position` of a level covers the leaves from position * 256^level on.

CREATE TABLE node (
  level INTEGER NOT NULL,
  position INTEGER NOT NULL,
  root BLOB NOT NULL,
  PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER node_keeps BEFORE UPDATE ON node BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
CREATE TRIGGER node_stays BEFORE DELETE ON node BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END;
