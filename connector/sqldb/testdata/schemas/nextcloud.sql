CREATE TABLE "oc_users" (uid varchar(64) NOT NULL DEFAULT '' PRIMARY KEY, displayname varchar(64) NULL, password varchar(255) NULL DEFAULT '', uid_lower varchar(64) NULL DEFAULT '');
CREATE TABLE "oc_preferences" (userid varchar(64) NOT NULL, appid varchar(32) NOT NULL, configkey varchar(64) NOT NULL, configvalue {longtext} NULL, PRIMARY KEY (userid, appid, configkey));
CREATE TABLE "oc_groups" (gid varchar(64) NOT NULL PRIMARY KEY, displayname varchar(255) NOT NULL);
CREATE TABLE "oc_group_user" (gid varchar(64) NOT NULL, uid varchar(64) NOT NULL, PRIMARY KEY (gid, uid));
