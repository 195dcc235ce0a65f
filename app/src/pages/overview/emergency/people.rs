//! Who can approve now: those who are written down with a telephone, and those who have signed in with the role.

use domain::emergency::{Contact, Duty, Emergency, PersonSeen};
use domain::time::Timestamp;
use leptos::prelude::*;

use crate::components::{Blank, Moment, Sheet, Show, StatusWord, Word, visible};

/// Longest pause after which somebody is taken to be at their browser, in seconds.
const HERE: i64 = 900;

#[component]
pub fn WhoCanApprove(emergency: Emergency, now: Timestamp, quorum: usize) -> impl IntoView {
    let Emergency {
        contacts, approvers, ..
    } = emergency;
    let note = format!("{quorum} people must agree, the one who asks counted");
    view! {
        <Sheet id="who-can-approve" title="Who can approve now" note>
            <div class="split">
                <div>{call(&contacts)}</div>
                <div>{signed_in(approvers.as_deref(), now)}</div>
            </div>
        </Sheet>
    }
}

fn call(contacts: &[Contact]) -> AnyView {
    if contacts.is_empty() {
        return view! {
            <Blank title="Nobody is written down">
                "Whom to call is not known: [[contact]] in muster.toml takes name, role, phone and hours, and they stand here and in the runbook."
            </Blank>
        }
        .into_any();
    }
    let rows: Vec<_> = contacts.iter().map(contact).collect();
    view! {
        <table>
            <thead>
                <tr>
                    <th scope="col">"Call"</th>
                    <th scope="col">"Phone"</th>
                    <th scope="col">"Now"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn contact(contact: &Contact) -> AnyView {
    let word = match contact.duty {
        Duty::InHours => Word::Ok,
        Duty::OutOfHours => Word::Warning,
        Duty::Unknown => Word::Unknown,
    };
    let role = contact.role.as_deref().map(visible);
    let phone = match &contact.phone {
        Some(phone) => {
            let dialled: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
            view! { <a href=format!("tel:{dialled}")>{visible(phone)}</a> }.into_any()
        }
        None => "not written down".into_any(),
    };
    let mail = contact.email.as_deref().map(|email| {
        let href = format!("mailto:{email}");
        view! { <span class="sub"><a href=href>{visible(email)}</a></span> }
    });
    let hours = contact.hours.clone();
    let name = visible(&contact.name);
    view! {
        <tr>
            <th scope="row">{name}<span class="sub">{role}</span></th>
            <td>{phone}{mail}</td>
            <td><StatusWord word text=contact.duty.words() /><span class="sub">{hours}</span></td>
        </tr>
    }
    .into_any()
}

fn signed_in(approvers: Option<&[PersonSeen]>, now: Timestamp) -> AnyView {
    let blank = |title: &'static str, text: &'static str| view! { <Blank title>{text}</Blank> }.into_any();
    let Some(people) = approvers else {
        return blank(
            "Who has signed in is not known",
            "Muster’s own database doesn’t answer.",
        );
    };
    if people.is_empty() {
        return blank(
            "Nobody has signed in who may approve",
            "Who has the role now only the identity provider knows; here stand those who signed in with it.",
        );
    }
    let rows: Vec<_> = people.iter().map(|person| seen(person, now)).collect();
    view! {
        <table>
            <thead>
                <tr>
                    <th scope="col">"Signed in before"</th>
                    <th scope="col">"Role then"</th>
                    <th scope="col">"Last seen"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn seen(person: &PersonSeen, now: Timestamp) -> AnyView {
    let here = (now - person.seen_at).num_seconds() <= HERE;
    let word = here.then(|| view! { <StatusWord word=Word::Ok text="here now" />" " });
    let (name, roles) = (visible(&person.name), person.roles.join(", "));
    let identity = format!("{} · {}", person.person.issuer, person.person.subject);
    view! {
        <tr>
            <th scope="row">{name}<span class="sub identity">{visible(&identity)}</span></th>
            <td>{roles}</td>
            <td>{word}<Moment at=person.seen_at now show=Show::Ago /></td>
        </tr>
    }
    .into_any()
}
