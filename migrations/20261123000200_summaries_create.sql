-- One line a deployment, for pages that list them all without reading each one's backups.
create table summaries (
    deployment text primary key,
    summary json not null,
    at timestamptz not null,
    -- When Muster first looked at the deployment.
    first_at timestamptz not null
);
