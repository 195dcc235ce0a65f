-- The roles of an Ampora that Muster looks after. Run in a transaction that holds their passwords as settings.

-- If a statement below failed, the server would write it into its log, password and all.
SET LOCAL log_min_messages = fatal;

DO $$
BEGIN
    EXECUTE format('CREATE ROLE ampora LOGIN PASSWORD %L', current_setting('demo.ampora'));
    EXECUTE format('CREATE ROLE muster_reader LOGIN BYPASSRLS PASSWORD %L', current_setting('demo.reader'));
    EXECUTE format('CREATE ROLE muster_restore LOGIN CREATEDB PASSWORD %L', current_setting('demo.restore'));
END
$$;

GRANT pg_read_all_data, pg_monitor TO muster_reader;
GRANT ampora TO muster_restore;
