//! What `muster diagnose` prints where something is broken: first aid, ways back, people.

use app::components::command_line;
use domain::emergency::{Drilled, Emergency, Expires, Route};
use domain::time::{Timestamp, ago, clock, span};
use domain::window::place;

use super::table::aligned;

/// One deployment.
#[must_use]
pub fn text(emergency: &Emergency, now: Timestamp) -> String {
    let mut text = format!("First aid for {}, before anything is restored\n", emergency.deployment);
    let alarms: Vec<_> = emergency
        .alarms
        .iter()
        .map(|alarm| ["broken".into(), alarm.code.clone(), alarm.title.clone()])
        .collect();
    text.push_str(&aligned(&alarms));
    text.push_str(&format!("{}\n", emergency.writing.sentence(now)));
    for (number, step) in emergency.first_aid.iter().enumerate() {
        text.push_str(&format!("{}. {}\n", number + 1, step.text));
        let commands = [
            ("Kubernetes", &step.kubernetes),
            ("binary", &step.binary),
            ("run", &step.anywhere),
        ];
        for (place, command) in commands {
            for line in command.iter().flat_map(|command| command.lines()) {
                text.push_str(&format!("   {place}: {line}\n"));
            }
        }
    }
    text.push_str(&ways(emergency, now));
    text.push_str(&people(emergency, now));
    text
}

fn ways(emergency: &Emergency, now: Timestamp) -> String {
    let mut text = "Ways back, the best one first\n".to_owned();
    if emergency.ways_back.is_empty() {
        text.push_str("  none is known\n");
    }
    let rows: Vec<_> = emergency.ways_back.iter().map(|route| row(route, now)).collect();
    text.push_str(&aligned(&rows));
    for route in &emergency.ways_back {
        for command in &route.commands {
            text.push_str(&format!(
                "  {}: {}\n    {}\n",
                place(&route.source, route.repo),
                command.about,
                command_line(&command.argv).replace('\n', "\n    ")
            ));
        }
    }
    for (name, reason) in &emergency.unknown_sources {
        text.push_str(&format!("  unknown  {name}: {reason}\n"));
    }
    text
}

fn row(route: &Route, now: Timestamp) -> [String; 7] {
    let lost = match (route.loss_seconds, route.loss_seconds_at_most) {
        (None, _) => "loss not known".into(),
        (Some(least), Some(most)) if least == most => format!("loses {}", span(least)),
        (Some(least), Some(most)) => format!("loses {} to {}", span(least), span(most)),
        (Some(least), None) => format!("loses {} at least", span(least)),
    };
    let drilled = match &route.drilled {
        Drilled::Passed { at, seconds } => {
            let took = seconds.map_or_else(|| "passed".into(), |seconds| span(seconds.into()));
            format!("drill: {took}, {}", ago(*at, now))
        }
        Drilled::Never => "never drilled".into(),
        Drilled::Unknown => "drills not known".into(),
    };
    let until = match &route.expires {
        Expires::At { at } => format!("until {} UTC", clock(*at, now)),
        Expires::Promised { at } => format!("until {} UTC by the policy", clock(*at, now)),
        Expires::AfterBackups { more: 0 } => "until the next expire".into(),
        Expires::AfterBackups { more } => format!("until {more} more full backups are there"),
        Expires::Unknown { why } if why.is_empty() => "end not known".into(),
        Expires::Unknown { why } => format!("end not known: {why}"),
    };
    [
        place(&route.source, route.repo),
        route.backup.clone().unwrap_or_else(|| "chosen by the service".into()),
        format!(
            "{}{} UTC",
            if route.exact { "" } else { "about " },
            clock(route.restores_to, now)
        ),
        lost,
        drilled,
        format!("key {}", route.key),
        until,
    ]
}

fn people(emergency: &Emergency, now: Timestamp) -> String {
    let mut text = "Who can approve now\n".to_owned();
    let unknown = || "not written down".to_owned();
    let contacts: Vec<_> = emergency
        .contacts
        .iter()
        .map(|contact| {
            [
                contact.name.clone(),
                contact.role.clone().unwrap_or_default(),
                contact.phone.clone().unwrap_or_else(unknown),
                contact.duty.words().into(),
                contact.hours.clone().unwrap_or_default(),
            ]
        })
        .collect();
    if contacts.is_empty() {
        text.push_str("  nobody is written down under [[contact]]\n");
    }
    text.push_str(&aligned(&contacts));
    match &emergency.approvers {
        None => text.push_str("  who has signed in is not known: Muster’s own database doesn’t answer\n"),
        Some(people) if people.is_empty() => text.push_str("  nobody has signed in who may approve\n"),
        Some(people) => {
            let rows: Vec<_> = people
                .iter()
                .map(|person| {
                    [
                        person.name.clone(),
                        person.roles.join(", "),
                        format!("last seen {}", ago(person.seen_at, now)),
                    ]
                })
                .collect();
            text.push_str(&aligned(&rows));
        }
    }
    text
}
