CREATE TABLE "users" (uid int NOT NULL PRIMARY KEY, name varchar(60) NOT NULL UNIQUE, pass varchar(128) NOT NULL, mail varchar(254) NULL, status {tinyint} NOT NULL DEFAULT 0);
CREATE TABLE "role" (rid {serial}, name varchar(64) NOT NULL);
CREATE TABLE "users_roles" (uid int NOT NULL, rid int NOT NULL);
