-- Who has signed in, and with which roles at the last time: whom to call is asked when nobody can look it up elsewhere.
create table people (
    issuer text not null,
    subject text not null,
    name text not null,
    roles text[] not null,
    signed_in_at timestamptz not null,
    primary key (issuer, subject)
);
