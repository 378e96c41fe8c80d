CREATE TABLE "users" (id {serial}, email varchar(255) NOT NULL DEFAULT '' UNIQUE, encrypted_password varchar(255) NULL DEFAULT '',
  reset_password_token varchar(255) NULL UNIQUE, reset_password_sent_at {timestamp} NULL, remember_created_at {timestamp} NULL,
  created_at {timestamp} NULL, updated_at {timestamp} NULL, sign_in_count int, confirmation_token varchar(255),
  confirmed_at {timestamp} NULL, failed_attempts int DEFAULT 0 NOT NULL, unlock_token varchar(255), locked_at {timestamp} NULL,
  password_salt varchar(255) NULL);
