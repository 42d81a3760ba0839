-- name: create_database
-- A database whose name says what it is.
CREATE DATABASE demo
