CREATE TABLE "wp_users" ("ID" {serial}, user_login varchar(60) NOT NULL DEFAULT '', user_pass varchar(255) NULL,
  user_nicename varchar(50) NOT NULL DEFAULT '', user_email varchar(100) NOT NULL DEFAULT '', user_url varchar(100) NOT NULL DEFAULT '',
  user_registered {time} NOT NULL, user_activation_key varchar(255) NOT NULL DEFAULT '', user_status int NOT NULL DEFAULT 0,
  display_name varchar(250) NOT NULL DEFAULT '', spam {tinyint} NOT NULL DEFAULT 0, deleted {tinyint} NOT NULL DEFAULT 0);
CREATE INDEX user_login_key ON "wp_users" (user_login);
CREATE INDEX user_email_key ON "wp_users" (user_email);
CREATE TABLE "wp_usermeta" (umeta_id {serial}, user_id bigint NOT NULL, meta_key varchar(255) NULL, meta_value {longtext} NULL);
