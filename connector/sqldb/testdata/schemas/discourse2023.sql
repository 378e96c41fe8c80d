CREATE TABLE users (id serial PRIMARY KEY, username varchar(60) NOT NULL UNIQUE, username_lower varchar(60) NOT NULL UNIQUE, name varchar NULL, active bool NOT NULL DEFAULT false,
  approved bool NOT NULL DEFAULT false, admin bool DEFAULT false, moderator bool DEFAULT false, suspended_at timestamp NULL, suspended_till timestamp NULL, silenced_till timestamp NULL,
  staged bool NOT NULL DEFAULT false, trust_level int, password_hash varchar(64) NULL, salt varchar(32) NULL, password_algorithm varchar(64) NULL);
CREATE TABLE user_emails (id serial PRIMARY KEY, user_id int, email varchar(513), "primary" bool NOT NULL DEFAULT false);
CREATE TABLE groups (id serial PRIMARY KEY, name varchar(255));
CREATE TABLE group_users (group_id int, user_id int);
