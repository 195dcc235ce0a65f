-- Settings that belong to the database and not to its content: a restore has to bring them back as well.

-- Ampora asks for this one where tenants are isolated.
ALTER DATABASE ampora SET row_security = on;
ALTER DATABASE ampora SET timezone = 'UTC';
ALTER ROLE ampora IN DATABASE ampora SET lock_timeout = '10s';
