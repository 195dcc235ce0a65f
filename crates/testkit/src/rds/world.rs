//! The account behind the API: its instances, what is done to them, and what is told of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Instance;

/// What is refused, as a code and a message.
pub type Refusal = (&'static str, String);

/// A key that a source isn't encrypted with.
const OTHER_KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/2";
const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1";

#[derive(Clone)]
struct Kept {
    about: Instance,
    number: usize,
    tags: BTreeMap<String, String>,
    /// How often it is still said to be `creating`.
    creating: u32,
    /// What it is said to be afterwards.
    status: String,
    key: &'static str,
    /// How often it is still said to be `deleting`.
    deleting: Option<u32>,
    created: DateTime<Utc>,
}

/// How new instances come out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Making {
    /// Where they answer, and how many questions long they are being made.
    pub at: Option<((String, u16), u32)>,
    /// Made whatever was asked for, as an account's defaults would have it.
    pub careless: bool,
    /// Encrypted with another key than the source.
    pub other_key: bool,
    /// What they end up as, instead of `available`.
    pub ends_as: Option<String>,
    /// What whoever asked for one hears.
    pub answer: Answer,
}

/// What is heard of an instance that is being made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Answer {
    #[default]
    Given,
    /// A fault is reported instead.
    Lost,
    /// The connection stays open, and nothing comes.
    Never,
}

#[derive(Default)]
pub struct World {
    instances: Vec<Kept>,
    /// Instances that there ever were.
    made: usize,
    pub making: Making,
    /// By action: how it is refused.
    pub refused: BTreeMap<String, Refusal>,
    pub calls: Vec<BTreeMap<String, String>>,
}

impl World {
    /// Puts one in, as it is. Answers its resource id.
    pub fn add(&mut self, about: Instance, tags: BTreeMap<String, String>) -> String {
        self.made += 1;
        self.instances.push(Kept {
            about,
            number: self.made,
            tags,
            creating: 0,
            status: "available".into(),
            key: KEY,
            deleting: None,
            created: Utc::now(),
        });
        format!("db-{}", self.made)
    }

    /// Names of those that are there, and not being deleted.
    pub fn names(&self) -> Vec<String> {
        let there = self.instances.iter().filter(|kept| kept.deleting.is_none());
        there.map(|kept| kept.about.name.clone()).collect()
    }

    pub fn restore(&mut self, form: &BTreeMap<String, String>) -> Result<String, Refusal> {
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
        let Making { at, careless, .. } = self.making.clone();
        let ((host, port), creating) = at.unwrap_or((("nowhere.invalid".into(), 5432), 0));
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
        let tag = |number: u32| {
            let key = form.get(&format!("Tags.Tag.{number}.Key"))?.clone();
            Some((key, value(&format!("Tags.Tag.{number}.Value"))))
        };
        self.add(made, (1..).map_while(tag).collect());
        let making = self.making.clone();
        let kept = self.instances.last_mut().expect("one was put in");
        kept.creating = creating;
        kept.key = if making.other_key { OTHER_KEY } else { KEY };
        kept.status = making.ends_as.unwrap_or(kept.status.clone());
        match making.answer {
            Answer::Lost => Err(("InternalFailure", "nobody hears of it".into())),
            Answer::Given | Answer::Never => Ok(kept.clone().written()),
        }
    }

    pub fn delete(&mut self, form: &BTreeMap<String, String>) -> Result<String, Refusal> {
        let value = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let name = value("DBInstanceIdentifier");
        let found = self.instances.iter_mut().find(|kept| kept.about.name == name);
        let Some(kept) = found else {
            return Err(("DBInstanceNotFound", format!("DBInstance {name} not found.")));
        };
        if kept.creating > 0 || kept.deleting.is_some() {
            return Err((
                "InvalidDBInstanceState",
                format!("Instance {name} is not in a state to be deleted."),
            ));
        }
        if value("SkipFinalSnapshot") != "true" && value("FinalDBSnapshotIdentifier").is_empty() {
            return Err((
                "InvalidParameterCombination",
                "FinalDBSnapshotIdentifier is required".into(),
            ));
        }
        kept.deleting = Some(2);
        Ok(kept.clone().written())
    }

    pub fn describe(&mut self, name: Option<&String>) -> Result<String, Refusal> {
        self.instances.retain(|kept| kept.deleting != Some(0));
        let wanted = |kept: &&mut Kept| name.is_none_or(|name| kept.about.name.eq_ignore_ascii_case(name));
        let found: Vec<_> = self.instances.iter_mut().filter(wanted).map(Kept::written).collect();
        match name {
            Some(name) if found.is_empty() => Err(("DBInstanceNotFound", format!("DBInstance {name} not found."))),
            _ => Ok(format!("<DBInstances>{}</DBInstances>", found.concat())),
        }
    }

    pub fn automated(&self) -> String {
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
        self.deleting = self.deleting.map(|left| left.saturating_sub(1));
        let (status, endpoint) = match (is_new, self.deleting) {
            (_, Some(_)) => ("deleting", String::new()),
            (true, None) => ("creating", String::new()),
            (false, None) => (
                self.status.as_str(),
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
             <DBInstanceArn>arn:aws:rds:us-east-1:123456789012:db:{name}</DBInstanceArn>\
             <InstanceCreateTime>{created}</InstanceCreateTime><DBInstanceStatus>{status}</DBInstanceStatus><DBInstanceClass>{class}</DBInstanceClass><Engine>postgres</Engine>\
             <EngineVersion>16.4</EngineVersion><BackupRetentionPeriod>{retention_days}</BackupRetentionPeriod><MultiAZ>{multi_az}</MultiAZ>\
             <LatestRestorableTime>{latest}</LatestRestorableTime><DeletionProtection>false</DeletionProtection>\
             <PubliclyAccessible>false</PubliclyAccessible><StorageEncrypted>true</StorageEncrypted>\
             <KmsKeyId>{key}</KmsKeyId>{endpoint}\
             <DBSubnetGroup><DBSubnetGroupName>private</DBSubnetGroupName></DBSubnetGroup>\
             <DBParameterGroups><DBParameterGroup><DBParameterGroupName>{parameter_group}</DBParameterGroupName></DBParameterGroup></DBParameterGroups>\
             <VpcSecurityGroups>{groups}</VpcSecurityGroups><TagList>{tags}</TagList></DBInstance>",
            number = self.number,
            created = self.created.to_rfc3339(),
            key = self.key,
            latest = latest.to_rfc3339(),
            groups = security_groups.iter().map(group).collect::<String>(),
            tags = self.tags.iter().map(tag).collect::<String>(),
        )
    }
}
