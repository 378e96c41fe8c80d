CREATE TABLE "user" (id {serial}, lower_name varchar(255) NOT NULL UNIQUE, name varchar(255) NOT NULL UNIQUE, full_name varchar(255) NULL, email varchar(255) NOT NULL,
  passwd varchar(255) NULL, passwd_hash_algo varchar(255) NULL DEFAULT 'argon2', must_change_password {bool} NOT NULL DEFAULT false, login_type int,
  login_source bigint NOT NULL DEFAULT 0, login_name varchar(255) NULL, type int, rands varchar(32), salt varchar(32), is_active {bool}, is_admin {bool},
  is_restricted {bool} NOT NULL DEFAULT false, prohibit_login {bool} NOT NULL DEFAULT false);
CREATE TABLE "email_address" (id {serial}, uid bigint NOT NULL, email varchar(255) NOT NULL, lower_email varchar(255) NOT NULL UNIQUE, is_activated {bool}, is_primary {bool} NOT NULL DEFAULT false);
CREATE TABLE "team" (id {serial}, org_id bigint, lower_name varchar(255), name varchar(255));
CREATE TABLE "team_user" (id {serial}, org_id bigint, team_id bigint, uid bigint);
