CREATE TABLE "user" (user_id {serial}, user_name {binary255} NOT NULL UNIQUE, user_real_name {binary255} NOT NULL, user_password {blob} NULL,
  user_newpassword {blob} NULL, user_email {text} NOT NULL, user_touched {wikitime} NULL, user_token {text} NULL,
  user_email_authenticated {wikitime} NULL, user_registration {wikitime} NULL, user_editcount int, user_password_expires {wikitime} NULL);
CREATE TABLE "user_groups" (ug_user int NOT NULL, ug_group {binary255} NOT NULL, ug_expiry {wikitime} NULL, PRIMARY KEY (ug_user, ug_group));
