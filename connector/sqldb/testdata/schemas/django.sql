CREATE TABLE "auth_user" (id {serial}, password varchar(128) NOT NULL, last_login {time} NULL, is_superuser {bool} NOT NULL,
  username varchar(150) NOT NULL UNIQUE, first_name varchar(150) NOT NULL, last_name varchar(150) NOT NULL, email varchar(254) NOT NULL,
  is_staff {bool} NOT NULL, is_active {bool} NOT NULL, date_joined {time} NOT NULL);
CREATE TABLE "auth_group" (id {serial}, name varchar(150) UNIQUE);
CREATE TABLE "auth_user_groups" (id {serial}, user_id integer NOT NULL, group_id integer NOT NULL);
