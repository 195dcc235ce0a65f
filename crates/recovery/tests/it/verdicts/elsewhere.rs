//! Amporas of other makes: each differs in names, types, encoding, order, lengths and associated data, and is described by configuration
//! alone.

use adapters::ampora::{Column, Schema};
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::drift::Verdict;
use domain::envelope::{Encoding, KeyIdRule, Layout, NONCE};
use domain::status::Status;

use super::world::World;
use crate::site::master_key;

/// One make.
struct Make {
    tables: &'static str,
    /// As it stands in the configuration.
    wrapped: (&'static str, &'static str),
    /// Fills the table: `$1` numbers of rows, `$2` stored values.
    put: &'static str,
    encoding: Encoding,
    fields: &'static [&'static str],
    key_ids: KeyIdRule,
    aad: &'static str,
    /// What the associated data of a row are.
    bound_to: fn(i32) -> String,
    /// The bytes of scheme and key id.
    scheme: &'static [u8],
    id: fn(u8) -> Vec<u8>,
    /// How bytes become what is stored.
    stored: fn(&[u8]) -> Vec<u8>,
}

fn of_key(key: u8) -> Vec<u8> {
    master_key(key).id_bytes().into()
}

const fn nothing(_: u8) -> Vec<u8> {
    Vec::new()
}

fn unbound(_: i32) -> String {
    String::new()
}

fn bytes(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}

const MAKES: [Make; 6] = [
    // Text as PostgreSQL's own encode() writes it, in lines; rows named by a uuid.
    Make {
        tables: r#"CREATE SCHEMA "Fleet"; CREATE TABLE "Fleet"."KeyStore" ("Sealed Blob" text, "Id" uuid PRIMARY KEY)"#,
        wrapped: ("Fleet.KeyStore", "Sealed Blob"),
        put: r#"INSERT INTO "Fleet"."KeyStore"
                SELECT encode(value, 'base64'), lpad(id::text, 32, '0')::uuid FROM unnest($1::int[], $2::bytea[]) AS t (id, value)
                ON CONFLICT ("Id") DO UPDATE SET "Sealed Blob" = excluded."Sealed Blob""#,
        encoding: Encoding::Base64,
        fields: &["nonce:12", "ciphertext", "tag:16"],
        key_ids: KeyIdRule::Sha256First8,
        aad: "{table}:{column}:{id}",
        bound_to: |id| format!("KeyStore:Sealed Blob:00000000-0000-0000-0000-{id:012}"),
        scheme: b"",
        id: nothing,
        stored: bytes,
    },
    // Hex behind its mark; the tag first; names in SQL's quotes.
    Make {
        tables: r#"CREATE TABLE "Secrets" (number int PRIMARY KEY, "Value" varchar(500))"#,
        wrapped: (r#""Secrets""#, r#""Value""#),
        put: r#"INSERT INTO "Secrets" SELECT id, convert_from(value, 'UTF8') FROM unnest($1::int[], $2::bytea[]) AS t (id, value)
                ON CONFLICT (number) DO UPDATE SET "Value" = excluded."Value""#,
        encoding: Encoding::Hex,
        fields: &["tag:16", "nonce:12", "key_id:8", "ciphertext"],
        key_ids: KeyIdRule::Sha256First8,
        aad: "none",
        bound_to: unbound,
        scheme: b"",
        id: of_key,
        stored: |bytes| format!("\\x{}", hex::encode_upper(bytes)).into_bytes(),
    },
    // A wide scheme, an id that nobody fills in, a domain for the type, and a key that begins with the tenant.
    Make {
        tables: "CREATE DOMAIN sealed AS bytea CHECK (octet_length(value) > 8);
                 CREATE TABLE credentials (tenant_id text, id int, secret sealed NOT NULL, PRIMARY KEY (tenant_id, id))",
        wrapped: ("public.credentials", "secret"),
        put: "INSERT INTO credentials SELECT 'acme', id, value FROM unnest($1::int[], $2::bytea[]) AS t (id, value)
              ON CONFLICT (tenant_id, id) DO UPDATE SET secret = excluded.secret",
        encoding: Encoding::Bytea,
        fields: &["scheme:4", "key_id:8", "ciphertext", "tag:16", "nonce:12"],
        key_ids: KeyIdRule::Sha256First8,
        aad: "{tenant}/{id}",
        bound_to: |id| format!("acme/{id}"),
        scheme: &[0, 0, 0, 1],
        id: |_| vec![0; 8],
        stored: bytes,
    },
    // A scheme in letters, an id of its own making behind everything, base64 for URLs padded with blanks, a table without a key.
    Make {
        tables: "CREATE TABLE vault (id int UNIQUE, payload char(300))",
        wrapped: ("vault", "payload"),
        put: "INSERT INTO vault SELECT id, convert_from(value, 'UTF8') FROM unnest($1::int[], $2::bytea[]) AS t (id, value)
              ON CONFLICT (id) DO UPDATE SET payload = excluded.payload",
        encoding: Encoding::Base64,
        fields: &["scheme:3=414d50", "nonce:12", "tag:16", "ciphertext", "key_id:16"],
        key_ids: KeyIdRule::Opaque,
        aad: "row {id} of {tenant}{table}",
        bound_to: |id| format!("row {id} of vault"),
        scheme: b"AMP",
        id: |key| vec![key; 16],
        stored: |bytes| URL_SAFE_NO_PAD.encode(bytes).into_bytes(),
    },
    // A view over two tables; text in bytea.
    Make {
        tables: r#"CREATE TABLE odd ("Id" int PRIMARY KEY, b bytea); CREATE TABLE even ("Id" int PRIMARY KEY, b bytea);
                   CREATE VIEW "All" AS SELECT * FROM odd UNION ALL SELECT * FROM even"#,
        wrapped: ("All", "b"),
        put: r#"WITH t AS (SELECT * FROM unnest($1::int[], $2::bytea[]) AS t (id, value)),
                     odd AS (INSERT INTO odd SELECT * FROM t WHERE id % 2 = 1 ON CONFLICT ("Id") DO UPDATE SET b = excluded.b)
                INSERT INTO even SELECT * FROM t WHERE id % 2 = 0 ON CONFLICT ("Id") DO UPDATE SET b = excluded.b"#,
        encoding: Encoding::Base64,
        fields: &["key_id:8", "scheme:1", "nonce:12", "tag:16", "ciphertext"],
        key_ids: KeyIdRule::Sha256First8,
        aad: "{id}",
        bound_to: |id| id.to_string(),
        scheme: &[1],
        id: of_key,
        stored: |bytes| STANDARD.encode(bytes).into_bytes(),
    },
    // Partitions, a scheme that begins at its small end, ids of four bytes.
    Make {
        tables: r#"CREATE TABLE "Parts" (region int, "ID" int, data bytea, PRIMARY KEY (region, "ID")) PARTITION BY LIST (region);
                   CREATE TABLE p0 PARTITION OF "Parts" FOR VALUES IN (0); CREATE TABLE p1 PARTITION OF "Parts" FOR VALUES IN (1)"#,
        wrapped: ("Parts", "data"),
        put: r#"INSERT INTO "Parts" SELECT id % 2, id, value FROM unnest($1::int[], $2::bytea[]) AS t (id, value)
                ON CONFLICT (region, "ID") DO UPDATE SET data = excluded.data"#,
        encoding: Encoding::Bytea,
        fields: &["ciphertext", "scheme:2", "tag:16", "nonce:12", "key_id:4"],
        key_ids: KeyIdRule::Opaque,
        aad: "{column}#{id}",
        bound_to: |id| format!("data#{id}"),
        scheme: &[1, 0],
        id: |key| vec![key, 7, 7, key],
        stored: bytes,
    },
];

impl Make {
    fn layout(&self) -> Layout {
        let fields: Vec<_> = self.fields.iter().map(ToString::to_string).collect();
        let layout = Layout::new(self.encoding, &fields, Some(self.aad)).expect("a layout");
        layout.with_key_ids(self.key_ids)
    }

    async fn world(&self) -> World {
        let (table, column) = self.wrapped;
        let schema = Schema {
            wrapped: vec![Column::new(table, column)],
            ..Schema::default()
        };
        World::over(self.tables, schema, self.layout()).await
    }

    fn sealed(&self, id: i32, key: u8) -> Vec<u8> {
        let mut nonce = [key; NONCE];
        nonce[..4].copy_from_slice(&id.to_be_bytes());
        let mut text = format!("-----BEGIN PRIVATE KEY----- of row {id}").into_bytes();
        let aad = (self.bound_to)(id);
        let cipher = Aes256Gcm::new(master_key(key).expose().into());
        let tag = cipher.encrypt_inout_detached(&Nonce::from(nonce), aad.as_bytes(), text.as_mut_slice().into());
        let (tag, key_id) = (tag.expect("is short"), (self.id)(key));
        let part = |field: &&str| match field.split(':').next() {
            Some("scheme") => self.scheme,
            Some("key_id") => &key_id,
            Some("nonce") => &nonce,
            Some("tag") => &tag,
            _ => &*text,
        };
        (self.stored)(&self.fields.iter().map(part).collect::<Vec<_>>().concat())
    }

    async fn wrap(&self, world: &World, rows: std::ops::Range<i32>, key: u8) {
        let values = rows.map(|id| (id, self.sealed(id, key)));
        world.put_by(self.put, values).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_make_is_read_by_configuration_alone() {
    for make in MAKES {
        let mut world = make.world().await;
        let name = make.wrapped.0;
        world.manager(&[1, 2], 2);
        make.wrap(&world, 0..40, 2).await;
        let keys = world.is(Verdict::InSync, Status::Ok).await;
        let counts = &keys.envelopes;
        assert_eq!(
            (counts.sampled, counts.opened, counts.unparsed, counts.damaged),
            (40, 40, 0, 0),
            "{name}: {}",
            keys.detail
        );

        make.wrap(&world, 0..10, 1).await;
        let mixed = world.is(Verdict::Mixed, Status::Broken).await;
        let opens: Vec<_> = mixed.versions.iter().map(|version| version.opens).collect();
        assert_eq!(opens, [Some(10), Some(30)], "{name}: {}", mixed.detail);

        world.ampora(3, Some(2));
        make.wrap(&world, 0..40, 3).await;
        let behind = world.is(Verdict::ManagerBehind, Status::Broken).await;
        assert_eq!(behind.in_use.and_then(|in_use| in_use.opens), Some(40), "{name}");

        world.manager(&[8, 9], 9);
        world.ampora(9, None);
        world.is(Verdict::Foreign, Status::Broken).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_layout_of_one_make_never_blames_the_key_of_another() {
    for make in MAKES {
        let mut world = make.world().await;
        world.manager(&[1, 2], 2);
        make.wrap(&world, 0..40, 2).await;
        for wrong in MAKES.iter().map(Make::layout).chain([Layout::default()]) {
            if wrong == make.layout() {
                continue;
            }
            world.deployment.layout = wrong.clone();
            let keys = world.prove().await;
            assert_eq!(
                (keys.verdict, keys.status, keys.envelopes.opened),
                (Verdict::Unknown, Status::Unknown, 0),
                "{} read as {wrong:?}: {}",
                make.wrapped.0,
                keys.detail
            );
        }
    }
}
