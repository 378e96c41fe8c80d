CREATE TABLE "mdl_user" (id {serial}, auth varchar(20) NOT NULL DEFAULT 'manual', confirmed {tinyint} NOT NULL DEFAULT 0, policyagreed {tinyint} NOT NULL DEFAULT 0,
  deleted {tinyint} NOT NULL DEFAULT 0, suspended {tinyint} NOT NULL DEFAULT 0, mnethostid bigint NOT NULL DEFAULT 0, username varchar(100) NOT NULL DEFAULT '',
  password varchar(255) NULL DEFAULT '', idnumber varchar(255) NOT NULL DEFAULT '', firstname varchar(100) NOT NULL DEFAULT '', lastname varchar(100) NOT NULL DEFAULT '',
  email varchar(100) NOT NULL DEFAULT '', UNIQUE (mnethostid, username));
CREATE TABLE "mdl_cohort" (id {serial}, name varchar(254) NOT NULL, idnumber varchar(100));
CREATE TABLE "mdl_cohort_members" (id {serial}, cohortid bigint NOT NULL, userid bigint NOT NULL);
