CREATE TABLE "users" (id varchar(24) NOT NULL PRIMARY KEY, name varchar(191) NOT NULL, slug varchar(191) NOT NULL UNIQUE, password varchar(255) NULL, email varchar(191) NOT NULL UNIQUE,
  status varchar(50) NOT NULL DEFAULT 'active', last_seen {time} NULL, created_at {time} NULL, updated_at {time} NULL);
CREATE TABLE "roles" (id varchar(24) NOT NULL PRIMARY KEY, name varchar(50) UNIQUE);
CREATE TABLE "roles_users" (id varchar(24) NOT NULL PRIMARY KEY, role_id varchar(24) NOT NULL, user_id varchar(24) NOT NULL);
