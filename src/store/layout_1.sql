-- Layout 1 as it was, for the test of migration. Never change it.
CREATE TABLE _series (id INTEGER PRIMARY KEY, entity TEXT NOT NULL, attribute TEXT NOT NULL,
  asset TEXT NOT NULL, stage TEXT NOT NULL, stage_en TEXT NOT NULL, stage_fr TEXT NOT NULL,
  quantity_en TEXT NOT NULL, quantity_fr TEXT NOT NULL, location TEXT NOT NULL, unit TEXT NOT NULL,
  low REAL, high REAL, sensor_class TEXT NOT NULL, UNIQUE (entity, attribute));
CREATE TABLE _chunk (id INTEGER PRIMARY KEY, level INTEGER NOT NULL, series INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL, min REAL, max REAL,
  sum REAL, data BLOB NOT NULL);
CREATE UNIQUE INDEX _chunk_by_time ON _chunk (level, series, first, last, count);
CREATE TABLE _wal (id INTEGER PRIMARY KEY, points INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE _finding (id INTEGER PRIMARY KEY, asset TEXT NOT NULL, kind TEXT NOT NULL, second TEXT,
  score REAL NOT NULL, confidence REAL NOT NULL, forest_score REAL NOT NULL,
  onset INTEGER NOT NULL, detected INTEGER NOT NULL, closed INTEGER,
  sentence_en TEXT NOT NULL, sentence_fr TEXT NOT NULL);
CREATE INDEX _finding_by_onset ON _finding (onset);
CREATE TABLE _suspect (finding INTEGER NOT NULL, rank INTEGER NOT NULL, series INTEGER NOT NULL,
  share REAL NOT NULL, contribution REAL NOT NULL, value REAL, expected REAL, low REAL, high REAL,
  PRIMARY KEY (finding, rank)) WITHOUT ROWID;
CREATE INDEX _suspect_by_series ON _suspect (series);
CREATE TABLE _evidence (finding INTEGER NOT NULL, rank INTEGER NOT NULL, detector TEXT NOT NULL,
  kind TEXT NOT NULL, series INTEGER, score REAL NOT NULL, since INTEGER NOT NULL,
  active INTEGER NOT NULL, PRIMARY KEY (finding, rank)) WITHOUT ROWID;
CREATE TABLE _alarm (id INTEGER PRIMARY KEY, condition TEXT NOT NULL, asset TEXT NOT NULL,
  series INTEGER, finding INTEGER NOT NULL, priority TEXT NOT NULL, message_en TEXT NOT NULL,
  message_fr TEXT NOT NULL, raised INTEGER NOT NULL, cleared INTEGER, acknowledged INTEGER,
  acknowledged_by TEXT NOT NULL, comment TEXT NOT NULL, shelved_until INTEGER);
CREATE INDEX _alarm_live ON _alarm (id) WHERE cleared IS NULL OR acknowledged IS NULL;
CREATE TABLE _alarm_log (number INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL,
  at INTEGER NOT NULL, who TEXT NOT NULL, said TEXT NOT NULL,
  id INTEGER NOT NULL, condition TEXT NOT NULL, asset TEXT NOT NULL,
  series INTEGER, finding INTEGER NOT NULL, priority TEXT NOT NULL, message_en TEXT NOT NULL,
  message_fr TEXT NOT NULL, raised INTEGER NOT NULL, cleared INTEGER, acknowledged INTEGER,
  acknowledged_by TEXT NOT NULL, comment TEXT NOT NULL, shelved_until INTEGER);
CREATE INDEX _alarm_log_by_time ON _alarm_log (at);
CREATE TABLE _label (asset TEXT NOT NULL, id INTEGER NOT NULL, kind TEXT NOT NULL,
  scenario TEXT NOT NULL, direct TEXT NOT NULL, consequences TEXT NOT NULL,
  start INTEGER NOT NULL, "end" INTEGER NOT NULL, over INTEGER NOT NULL, size REAL NOT NULL,
  text_en TEXT NOT NULL, text_fr TEXT NOT NULL, PRIMARY KEY (asset, id)) WITHOUT ROWID;
CREATE INDEX _label_by_start ON _label (start);
CREATE TABLE _quarantine (number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,
  source TEXT NOT NULL, reason TEXT NOT NULL, sample TEXT NOT NULL, place TEXT NOT NULL);
CREATE TABLE _refused (source TEXT PRIMARY KEY, total INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE _memory (key TEXT PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE _cursor (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO _series VALUES (0, 'S0', 'value', '', '', '', '', '', '', '', 'mg/L', NULL, 14, '');
PRAGMA application_id = 1397707593;
PRAGMA user_version = 1;
