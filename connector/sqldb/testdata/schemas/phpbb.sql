CREATE TABLE "phpbb_users" (user_id {serial}, user_type {tinyint} NOT NULL DEFAULT 0, group_id int NOT NULL DEFAULT 3,
  username varchar(255) NOT NULL DEFAULT '', username_clean varchar(255) NOT NULL DEFAULT '' UNIQUE, user_password varchar(255) NULL DEFAULT '',
  user_email varchar(100) NOT NULL DEFAULT '', user_login_attempts {tinyint} NOT NULL DEFAULT 0, user_inactive_reason {tinyint} NOT NULL DEFAULT 0,
  user_inactive_time int NOT NULL DEFAULT 0);
CREATE TABLE "phpbb_groups" (group_id {serial}, group_name varchar(255) NOT NULL DEFAULT '');
CREATE TABLE "phpbb_user_group" (group_id int NOT NULL, user_id int NOT NULL, user_pending {tinyint} NOT NULL DEFAULT 1);
CREATE TABLE "phpbb_banlist" (ban_id {serial}, ban_userid int NOT NULL DEFAULT 0, ban_ip varchar(40) NOT NULL DEFAULT '',
  ban_email varchar(100) NOT NULL DEFAULT '', ban_start int NOT NULL DEFAULT 0, ban_end int NOT NULL DEFAULT 0, ban_exclude {tinyint} NOT NULL DEFAULT 0);
