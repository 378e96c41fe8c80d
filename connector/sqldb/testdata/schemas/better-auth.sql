CREATE TABLE "user" (id varchar(36) NOT NULL PRIMARY KEY, name varchar(255) NOT NULL, email varchar(255) NOT NULL UNIQUE, "emailVerified" {bool} NOT NULL, image {text} NULL,
  "createdAt" {time} NULL, "updatedAt" {time} NULL, role {text} NULL, banned {bool} NULL, "banReason" {text} NULL, "banExpires" {time} NULL);
CREATE TABLE "account" (id varchar(36) NOT NULL PRIMARY KEY, "accountId" {text} NOT NULL, "providerId" {text} NOT NULL, "userId" varchar(36) NOT NULL, password {text} NULL, "accessToken" {text} NULL);
