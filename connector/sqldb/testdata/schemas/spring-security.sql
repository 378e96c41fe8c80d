CREATE TABLE "users" (username varchar(50) NOT NULL PRIMARY KEY, password varchar(500) NULL, enabled {bool} NOT NULL);
CREATE TABLE "authorities" (username varchar(50) NOT NULL, authority varchar(50) NOT NULL, UNIQUE (username, authority));
