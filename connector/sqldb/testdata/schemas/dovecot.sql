CREATE TABLE "mailbox" (username varchar(255) NOT NULL PRIMARY KEY, password varchar(255) NULL, name varchar(255) NOT NULL, domain varchar(255) NOT NULL, active {bool} NOT NULL DEFAULT true);
CREATE TABLE "domain" (domain varchar(255) NOT NULL PRIMARY KEY, active {bool} NOT NULL DEFAULT true);
