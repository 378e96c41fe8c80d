CREATE TABLE "realm" (id varchar(36) NOT NULL PRIMARY KEY, name varchar(255) UNIQUE, enabled {bit} NOT NULL);
CREATE TABLE "user_entity" (id varchar(36) NOT NULL PRIMARY KEY, realm_id varchar(255), username varchar(255), email varchar(255), email_constraint varchar(255),
  email_verified {bit} NOT NULL, enabled {bit} NOT NULL, first_name varchar(255), last_name varchar(255), federation_link varchar(255) NULL,
  service_account_client_link varchar(255) NULL, created_timestamp bigint, not_before int NOT NULL DEFAULT 0, UNIQUE (realm_id, username), UNIQUE (realm_id, email_constraint));
CREATE TABLE "credential" (id varchar(36) NOT NULL PRIMARY KEY, user_id varchar(36), type varchar(255), secret_data {longtext}, credential_data {longtext}, priority int, created_date bigint, user_label varchar(255));
CREATE TABLE "user_required_action" (user_id varchar(36) NOT NULL, required_action varchar(255) NOT NULL);
CREATE TABLE "keycloak_group" (id varchar(36) NOT NULL PRIMARY KEY, name varchar(255), parent_group varchar(36));
CREATE TABLE "user_group_membership" (group_id varchar(36) NOT NULL, user_id varchar(36) NOT NULL);
