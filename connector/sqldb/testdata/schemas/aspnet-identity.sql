CREATE TABLE "AspNetUsers" ("Id" varchar(255) NOT NULL PRIMARY KEY, "UserName" varchar(256) NULL, "NormalizedUserName" varchar(256) NULL UNIQUE,
  "Email" varchar(256) NULL, "NormalizedEmail" varchar(256) NULL, "EmailConfirmed" {bool} NOT NULL, "PasswordHash" {longtext} NULL,
  "SecurityStamp" {longtext} NULL, "ConcurrencyStamp" {longtext} NULL, "PhoneNumber" {longtext} NULL, "PhoneNumberConfirmed" {bool} NOT NULL,
  "TwoFactorEnabled" {bool} NOT NULL, "LockoutEnd" {time} NULL, "LockoutEnabled" {bool} NOT NULL, "AccessFailedCount" int NOT NULL);
CREATE TABLE "AspNetRoles" ("Id" varchar(255) NOT NULL PRIMARY KEY, "Name" varchar(256) NULL, "NormalizedName" varchar(256) NULL);
CREATE TABLE "AspNetUserRoles" ("UserId" varchar(255) NOT NULL, "RoleId" varchar(255) NOT NULL);
