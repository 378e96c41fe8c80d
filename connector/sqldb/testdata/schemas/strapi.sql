CREATE TABLE "up_users" (id {serial}, document_id varchar(255) NULL, username varchar(255), email varchar(255), provider varchar(255), password varchar(255) NULL,
  reset_password_token varchar(255), confirmation_token varchar(255), confirmed {bool} DEFAULT false, blocked {bool} DEFAULT false, created_at {time} NULL);
CREATE TABLE "up_roles" (id {serial}, name varchar(255), type varchar(255));
CREATE TABLE "up_users_role_lnk" (id {serial}, user_id int, role_id int);
