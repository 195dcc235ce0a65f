//! Amazon RDS in this process, as far as restoring an instance to a point in time and deleting one goes, with the refusals that moto
//! leaves out and the time that a real instance takes. It follows
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html> and
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html>; nothing it says was ever said by AWS.

mod world;

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

pub use world::{Answer, Making};
use world::{Refusal, World};

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

impl Instance {
    /// Production as most tests have it, with nothing to restore to before now.
    #[must_use]
    pub fn usual(name: &str, endpoint: (String, u16)) -> Self {
        let now = Utc::now();
        Self {
            name: name.into(),
            class: "db.m6g.large".into(),
            security_groups: vec!["sg-1".into(), "sg-2".into()],
            parameter_group: "ampora-16".into(),
            multi_az: true,
            retention_days: 7,
            earliest: now,
            latest: now,
            endpoint,
        }
    }
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
        lock(&world).add(instance, BTreeMap::new());
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
        lock(&self.world).making.at = Some((endpoint, creating));
    }

    /// Gives new instances the account's defaults, whatever is asked for.
    pub fn is_careless(&self) {
        lock(&self.world).making.careless = true;
    }

    /// Changes how new instances come out.
    pub fn change(&self, change: impl FnOnce(&mut Making)) {
        change(&mut lock(&self.world).making);
    }

    /// Puts another instance in, with these tags. Answers its resource id.
    pub fn adds(&self, instance: Instance, tags: &[(&str, &str)]) -> String {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        lock(&self.world).add(instance, tags.collect())
    }

    /// Refuses every call of this action from now on.
    pub fn refuses(&self, action: &str, code: &'static str, message: &str) {
        lock(&self.world).refused.insert(action.into(), (code, message.into()));
    }

    /// Answers them again.
    pub fn refuses_nothing(&self) {
        lock(&self.world).refused.clear();
    }

    /// Names of the instances that are there, and not being deleted.
    #[must_use]
    pub fn instances(&self) -> Vec<String> {
        lock(&self.world).names()
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

async fn answer(
    State(world): State<Arc<Mutex<World>>>,
    Form(form): Form<BTreeMap<String, String>>,
) -> (StatusCode, String) {
    let action = form.get("Action").cloned().unwrap_or_default();
    let (result, silent) = {
        let mut world = lock(&world);
        world.calls.push(form.clone());
        let result = done(&mut world, &action, &form);
        (result, world.making.answer == Answer::Never)
    };
    if silent && action == "RestoreDBInstanceToPointInTime" {
        std::future::pending::<()>().await;
    }
    match result {
        Ok(body) => (
            StatusCode::OK,
            format!("<{action}Response><{action}Result>{body}</{action}Result></{action}Response>"),
        ),
        Err((code, message)) => {
            let status = match code {
                "InternalFailure" => StatusCode::INTERNAL_SERVER_ERROR,
                _ => StatusCode::BAD_REQUEST,
            };
            let body = format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
            );
            (status, body)
        }
    }
}

fn done(world: &mut World, action: &str, form: &BTreeMap<String, String>) -> Result<String, Refusal> {
    if let Some(refusal) = world.refused.get(action) {
        return Err(refusal.clone());
    }
    match action {
        "DescribeDBInstances" => world.describe(form.get("DBInstanceIdentifier")),
        "DescribeDBInstanceAutomatedBackups" => Ok(world.automated()),
        "DescribeDBSnapshots" => Ok("<DBSnapshots></DBSnapshots>".into()),
        "RestoreDBInstanceToPointInTime" => world.restore(form),
        "DeleteDBInstance" => world.delete(form),
        _ => Err(("InvalidAction", format!("Could not find operation {action}"))),
    }
}
