-- There is no index of what ends when: each would be one more page to write in
-- every sign-in. What is over is found by going through the tables slowly.

-- What belongs to accounts: factors, devices, sign-ins between two steps.
CREATE TABLE record (
	number  INTEGER PRIMARY KEY, -- counts up: the order of creation
	id      TEXT NOT NULL UNIQUE,
	account TEXT NOT NULL,
	kind    TEXT NOT NULL,
	key     TEXT,                -- NULL for none
	data    BLOB NOT NULL,       -- sealed
	version INTEGER NOT NULL,
	created INTEGER,             -- Unix seconds, as are the next two; NULL for never
	used    INTEGER,
	expires INTEGER
) STRICT;
CREATE INDEX record_account ON record (account);
CREATE UNIQUE INDEX record_key ON record (key) WHERE key IS NOT NULL;

-- What was used and can't be used again.
CREATE TABLE mark (
	key   BLOB PRIMARY KEY,
	until INTEGER NOT NULL -- Unix milliseconds
) STRICT, WITHOUT ROWID;

-- How often something was tried.
CREATE TABLE budget (
	key   BLOB PRIMARY KEY,
	tries INTEGER NOT NULL,
	until INTEGER NOT NULL -- Unix milliseconds: when the window ends
) STRICT, WITHOUT ROWID;

-- Sessions that were ended. Other processes ask for what is beyond a number, so
-- that none may be given twice.
CREATE TABLE revocation (
	number  INTEGER PRIMARY KEY AUTOINCREMENT,
	session BLOB NOT NULL UNIQUE,
	until   INTEGER NOT NULL -- Unix milliseconds
) STRICT;
