//! Who has signed in. Roles are those of the last sign-in: what they are now only the identity provider knows.

use domain::emergency::PersonSeen;
use domain::ids::Person;
use domain::role::Role;
use domain::time::Timestamp;

use crate::row::text;
use crate::{PgConnection, Result, Store};

/// Most people that are listed, those who were seen last.
const LISTED: i64 = 50;

/// Notes a sign-in.
///
/// # Errors
/// If the database doesn't take it.
pub async fn signed_in(
    conn: &mut PgConnection,
    person: &Person,
    name: &str,
    roles: impl IntoIterator<Item = Role>,
    at: Timestamp,
) -> Result<()> {
    let roles: Vec<_> = roles.into_iter().map(|role| role.word().to_owned()).collect();
    let name = text(name);
    sqlx::query!(
        "insert into people (issuer, subject, name, roles, signed_in_at) values ($1, $2, $3, $4, $5)
         on conflict (issuer, subject) do update set
             name = excluded.name, roles = excluded.roles, signed_in_at = excluded.signed_in_at",
        person.issuer,
        person.subject,
        name.as_ref(),
        &roles,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

impl Store {
    /// The people with one of these roles, whoever was seen last first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn people_seen(&self, roles: &[Role]) -> Result<Vec<PersonSeen>> {
        let roles: Vec<_> = roles.iter().map(|role| role.word().to_owned()).collect();
        let rows = sqlx::query!(
            r#"select people.name, people.issuer, people.subject, people.roles,
                      greatest(signed_in_at, max(sessions.last_seen_at)) as "seen_at!"
               from people left join sessions
                 on sessions.person_issuer = people.issuer and sessions.person_subject = people.subject
               where people.roles && $1::text[]
               group by people.issuer, people.subject
               order by 5 desc, people.name limit $2"#,
            &roles,
            LISTED,
        )
        .fetch_all(&self.pool)
        .await?;
        let person = rows.into_iter().map(|row| PersonSeen {
            name: row.name,
            person: Person {
                issuer: row.issuer,
                subject: row.subject,
            },
            roles: row.roles,
            seen_at: row.seen_at,
        });
        Ok(person.collect())
    }
}
