CREATE TABLE "users" (uid {serial}, uuid varchar(128) NOT NULL, langcode varchar(12) NOT NULL);
CREATE TABLE "users_field_data" (uid int NOT NULL, langcode varchar(12) NOT NULL, name varchar(60) NOT NULL, pass varchar(255) NULL, mail varchar(254) NULL,
  timezone varchar(32) NULL, status {tinyint} NULL, created int, changed int, access int, login int, init varchar(254), default_langcode {tinyint} NOT NULL,
  PRIMARY KEY (uid, langcode), UNIQUE (name, langcode));
CREATE TABLE "user__roles" (bundle varchar(128) NOT NULL DEFAULT '', deleted {tinyint} NOT NULL DEFAULT 0, entity_id int NOT NULL, revision_id int NOT NULL,
  langcode varchar(32) NOT NULL DEFAULT '', delta int NOT NULL, roles_target_id varchar(255) NOT NULL);
