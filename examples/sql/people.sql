-- A user table as many have it. The password of both is "open sesame".
CREATE TABLE people (
  id      INTEGER PRIMARY KEY,
  login   TEXT NOT NULL UNIQUE,
  pw      TEXT NOT NULL,
  name    TEXT,
  mail    TEXT,
  enabled INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE member (person INTEGER REFERENCES people, name TEXT);
INSERT INTO people VALUES
  (1, 'ada', '$2a$12$dqQ8iY/5K08lY/EcfmcyXuHBkdK9T8R9hS14F1zCvJcg4rBAHxAre', 'Ada Lovelace', 'ada@example.com', 1),
  (2, 'gone', '$2a$12$dqQ8iY/5K08lY/EcfmcyXuHBkdK9T8R9hS14F1zCvJcg4rBAHxAre', 'Left Last Year', 'gone@example.com', 0);
INSERT INTO member VALUES (1, 'staff'), (1, 'mathematicians');
