CREATE TABLE "users" (id {serial}, name varchar(255) NOT NULL, email varchar(255) NOT NULL UNIQUE, email_verified_at {timestamp} NULL,
  password varchar(255) NULL, remember_token varchar(100) NULL, created_at {timestamp} NULL, updated_at {timestamp} NULL, deleted_at {timestamp} NULL);
CREATE TABLE "roles" (id {serial}, name varchar(255) NOT NULL, guard_name varchar(255) NOT NULL);
CREATE TABLE "model_has_roles" (role_id bigint NOT NULL, model_type varchar(255) NOT NULL, model_id bigint NOT NULL);
