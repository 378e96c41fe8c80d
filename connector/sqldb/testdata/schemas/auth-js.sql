CREATE TABLE "users" (id {serial}, name varchar(255) NULL, email varchar(255) NULL UNIQUE, "emailVerified" {time} NULL, image {text} NULL, password {text} NULL);
CREATE TABLE "accounts" (id {serial}, "userId" int NOT NULL, provider varchar(255) NOT NULL, "providerAccountId" varchar(255) NOT NULL);
