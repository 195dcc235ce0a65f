//! Amazon RDS in this process, as far as restoring an instance to a point in time goes, with the refusals that moto leaves out and the time
//! that a real instance takes. It follows
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html>; nothing it says was ever said by AWS.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

/// A server on loopback, gone when it is dropped.
pub struct RdsApi {
    address: SocketAddr,
    world: Arc<Mutex<World>>,
    task: JoinHandle<()>,
}

/// An instance as a test puts it in.
#[derive(Clone, Debug)]
pub struct Instance {
    pub name: String,
    pub class: String,
    pub security_groups: Vec<String>,
    pub parameter_group: String,
    pub multi_az: bool,
    pub retention_days: u32,
    pub earliest: DateTime<Utc>,
    pub latest: DateTime<Utc>,
    pub endpoint: (String, u16),
}

#[derive(Clone)]
struct Kept {
    about: Instance,
    number: usize,
    tags: BTreeMap<String, String>,
    /// How often it is still said to be `creating`.
    creating: u32,
}

#[derive(Default)]
struct World {
    instances: Vec<Kept>,
    /// Where a new instance answers, and how many questions long it is being made.
    next: Option<((String, u16), u32)>,
    /// Made whatever was asked for, as an account's defaults would have it.
    careless: bool,
    calls: Vec<BTreeMap<String, String>>,
}

impl RdsApi {
    /// Starts it on a free port, with one instance.
    ///
    /// # Panics
    /// If loopback can't be listened on.
    pub async fn start(instance: Instance) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let world: Arc<Mutex<World>> = Arc::default();
        lock(&world).add(instance, BTreeMap::new(), 0);
        let router = Router::new().fallback(answer).with_state(Arc::clone(&world));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { address, world, task }
    }

    /// Where it answers.
    ///
    /// # Panics
    /// Never: an address is a URL.
    #[must_use]
    pub fn endpoint(&self) -> Url {
        format!("http://{}", self.address).parse().expect("an address is a URL")
    }

    /// New instances answer here, after they were `creating` for this many questions.
    pub fn makes(&self, endpoint: (String, u16), creating: u32) {
        lock(&self.world).next = Some((endpoint, creating));
    }

    /// Gives new instances the account's defaults, whatever is asked for.
    pub fn is_careless(&self) {
        lock(&self.world).careless = true;
    }

    /// The parameters of each call of this action.
    #[must_use]
    pub fn calls(&self, action: &str) -> Vec<BTreeMap<String, String>> {
        let named = |call: &&BTreeMap<String, String>| call.get("Action").is_some_and(|name| name == action);
        lock(&self.world).calls.iter().filter(named).cloned().collect()
    }
}

impl Drop for RdsApi {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    fn add(&mut self, about: Instance, tags: BTreeMap<String, String>, creating: u32) {
        let number = self.instances.len() + 1;
        self.instances.push(Kept {
            about,
            number,
            tags,
            creating,
        });
    }

    fn restore(&mut self, form: &BTreeMap<String, String>) -> Result<String, (&'static str, String)> {
        let value = |name: &str| form.get(name).cloned().unwrap_or_default();
        let (source, target) = (value("SourceDBInstanceIdentifier"), value("TargetDBInstanceIdentifier"));
        let found = self.instances.iter().find(|kept| kept.about.name == source);
        let Some(Kept { about, .. }) = found.cloned() else {
            return Err(("DBInstanceNotFound", format!("DBInstance {source} not found.")));
        };
        if self.instances.iter().any(|kept| kept.about.name == target) {
            return Err(("DBInstanceAlreadyExists", "DB instance already exists".into()));
        }
        if about.retention_days == 0 {
            return Err((
                "PointInTimeRestoreNotEnabled",
                format!("{source} has no automated backups."),
            ));
        }
        if let Some(at) = form.get("RestoreTime") {
            let at =
                DateTime::parse_from_rfc3339(at).map_err(|_| ("InvalidParameterValue", "RestoreTime".to_owned()))?;
            if at < about.earliest || at > about.latest {
                return Err((
                    "InvalidRestoreFault",
                    format!("The specified time {at} is outside of the restore window."),
                ));
            }
        }
        let ((host, port), creating) = self.next.clone().unwrap_or((("nowhere.invalid".into(), 5432), 0));
        let careless = self.careless;
        let groups = (1..).map_while(|number| form.get(&format!("VpcSecurityGroupIds.VpcSecurityGroupId.{number}")));
        let made = Instance {
            name: target.clone(),
            class: value("DBInstanceClass"),
            security_groups: if careless {
                vec!["sg-default".into()]
            } else {
                groups.cloned().collect()
            },
            parameter_group: if careless {
                "default.postgres16".into()
            } else {
                value("DBParameterGroupName")
            },
            multi_az: !careless && value("MultiAZ") == "true",
            endpoint: (host, port),
            ..about
        };
        let tags = [(value("Tags.Tag.1.Key"), value("Tags.Tag.1.Value"))].into();
        self.add(made, tags, creating);
        Ok(format!("<DBInstanceIdentifier>{target}</DBInstanceIdentifier>"))
    }

    fn describe(&mut self, name: Option<&String>) -> Result<String, (&'static str, String)> {
        let wanted = |kept: &&mut Kept| name.is_none_or(|name| kept.about.name.eq_ignore_ascii_case(name));
        let found: Vec<_> = self.instances.iter_mut().filter(wanted).map(Kept::written).collect();
        match name {
            Some(name) if found.is_empty() => Err(("DBInstanceNotFound", format!("DBInstance {name} not found."))),
            _ => Ok(format!("<DBInstances>{}</DBInstances>", found.concat())),
        }
    }

    fn automated(&self) -> String {
        let one = |kept: &Kept| {
            let Instance {
                name,
                earliest,
                latest,
                retention_days,
                ..
            } = &kept.about;
            format!(
                "<DBInstanceAutomatedBackup><DBInstanceIdentifier>{name}</DBInstanceIdentifier><DbiResourceId>db-{}</DbiResourceId>\
                 <Status>active</Status><BackupRetentionPeriod>{retention_days}</BackupRetentionPeriod><RestoreWindow>\
                 <EarliestTime>{}</EarliestTime><LatestTime>{}</LatestTime></RestoreWindow></DBInstanceAutomatedBackup>",
                kept.number,
                earliest.to_rfc3339(),
                latest.to_rfc3339()
            )
        };
        let kept = self.instances.iter().filter(|kept| kept.about.retention_days > 0);
        format!(
            "<DBInstanceAutomatedBackups>{}</DBInstanceAutomatedBackups>",
            kept.map(one).collect::<String>()
        )
    }
}

impl Kept {
    fn written(&mut self) -> String {
        let Instance {
            name,
            class,
            security_groups,
            parameter_group,
            multi_az,
            retention_days,
            latest,
            endpoint: (host, port),
            ..
        } = &self.about;
        let is_new = self.creating > 0;
        self.creating = self.creating.saturating_sub(1);
        let (status, endpoint) = match is_new {
            true => ("creating", String::new()),
            false => (
                "available",
                format!("<Endpoint><Address>{host}</Address><Port>{port}</Port></Endpoint>"),
            ),
        };
        let group = |id: &String| {
            format!(
                "<VpcSecurityGroupMembership><VpcSecurityGroupId>{id}</VpcSecurityGroupId></VpcSecurityGroupMembership>"
            )
        };
        let tag = |(key, value): (&String, &String)| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>");
        format!(
            "<DBInstance><DBInstanceIdentifier>{name}</DBInstanceIdentifier><DbiResourceId>db-{number}</DbiResourceId>\
             <DBInstanceStatus>{status}</DBInstanceStatus><DBInstanceClass>{class}</DBInstanceClass><Engine>postgres</Engine>\
             <EngineVersion>16.4</EngineVersion><BackupRetentionPeriod>{retention_days}</BackupRetentionPeriod><MultiAZ>{multi_az}</MultiAZ>\
             <LatestRestorableTime>{latest}</LatestRestorableTime><DeletionProtection>false</DeletionProtection>\
             <PubliclyAccessible>false</PubliclyAccessible><StorageEncrypted>true</StorageEncrypted>\
             <KmsKeyId>arn:aws:kms:us-east-1:123456789012:key/1</KmsKeyId>{endpoint}\
             <DBSubnetGroup><DBSubnetGroupName>private</DBSubnetGroupName></DBSubnetGroup>\
             <DBParameterGroups><DBParameterGroup><DBParameterGroupName>{parameter_group}</DBParameterGroupName></DBParameterGroup></DBParameterGroups>\
             <VpcSecurityGroups>{groups}</VpcSecurityGroups><TagList>{tags}</TagList></DBInstance>",
            number = self.number,
            latest = latest.to_rfc3339(),
            groups = security_groups.iter().map(group).collect::<String>(),
            tags = self.tags.iter().map(tag).collect::<String>(),
        )
    }
}

async fn answer(
    State(world): State<Arc<Mutex<World>>>,
    Form(form): Form<BTreeMap<String, String>>,
) -> (StatusCode, String) {
    let mut world = lock(&world);
    world.calls.push(form.clone());
    let action = form.get("Action").cloned().unwrap_or_default();
    let result = match action.as_str() {
        "DescribeDBInstances" => world.describe(form.get("DBInstanceIdentifier")),
        "DescribeDBInstanceAutomatedBackups" => Ok(world.automated()),
        "DescribeDBSnapshots" => Ok("<DBSnapshots></DBSnapshots>".into()),
        "RestoreDBInstanceToPointInTime" => world
            .restore(&form)
            .map(|made| format!("<DBInstance>{made}</DBInstance>")),
        _ => Err(("InvalidAction", format!("Could not find operation {action}"))),
    };
    match result {
        Ok(body) => (
            StatusCode::OK,
            format!("<{action}Response><{action}Result>{body}</{action}Result></{action}Response>"),
        ),
        Err((code, message)) => (
            StatusCode::BAD_REQUEST,
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
            ),
        ),
    }
}
