//! Status, tiles, buttons, fields, banners, blanks.

use app::components::*;
use leptos::prelude::*;

use super::samples::{ago, now};

const WORDS: [Word; 20] = [
    Word::Ok,
    Word::Broken,
    Word::Unknown,
    Word::NotRun,
    Word::Unset,
    Word::Off,
    Word::EnvironmentBroken,
    Word::Expected,
    Word::Proven,
    Word::Missing,
    Word::Running,
    Word::Waiting,
    Word::Done,
    Word::Failed,
    Word::Refused,
    Word::Cancelled,
    Word::NeedsYou,
    Word::WaitsForYou,
    Word::Warning,
    Word::Info,
];

fn seen(seconds: i64, source: &str, past: bool) -> AnyView {
    view! { <Seen at=Some(ago(seconds)) now=now() source=source past /> }.into_any()
}

pub fn sections() -> impl IntoView {
    view! {
        <div class="hero">
            <Say sentence=sentence()>
                <Ground part="01:12:15" seen=seen(41, "pgbr-main", false)>"newest archived WAL"</Ground>
                <Ground part="Key" seen=seen(120, "keys, ampora-db", false)>"version 3 tried on 214 envelopes, opened 0"</Ground>
            </Say>
            <Calls calls=calls() />
        </div>
        <Sheet id="words" title="Status" note="shape, fill and word; hue last">
            <ul class="actions">{WORDS.map(|word| view! { <li><StatusWord word /></li> }).collect_view()}</ul>
        </Sheet>
        <Sheet id="tiles" title="What must come back" seen=seen(41, "all sources", false)>{tiles()}</Sheet>
        <Sheet id="controls" title="Buttons and fields">{buttons()}{fields()}</Sheet>
        {banners()}
        <div class="split even">
            <div>
                <Sheet id="none" title="Nothing yet">
                    <Blank title="Nothing was requested yet" action=view! { <a class="button primary" href="/requests/new">"New request"</a> }.into_any()>
                        "A request is a plan that a second person has to agree to. Until one is approved, nothing is restored and no key is shown."
                    </Blank>
                </Sheet>
            </div>
            <div>
                <Sheet id="unread" title="All backups, not read" seen=seen(2_580, "pgbr-main", true)>
                    <Unread title="pgBackRest could not be asked" said="ERROR: [056]: unable to find primary cluster - cannot proceed\npassword=redacted">
                        "9 tries since 02:31. The 146 backups below are those of 02:31; any of them may be gone."
                    </Unread>
                </Sheet>
            </div>
        </div>
    }
}

fn sentence() -> AnyView {
    view! {
        "If "<b>"ampora-prod"</b>" were lost now, everything up to "
        <a href="/backups"><b><Moment at=ago(131) now=now() /></b></a>" would come back, all but the last "
        <a href="/backups"><b>"2 min 11 s"</b></a>". "<StatusWord word=Word::Unknown text="Nobody knows how fast: no drill has been run." />
        " "<StatusWord word=Word::Broken text="Its secrets would stay locked: the key in Vault is one rotation behind." />
    }
    .into_any()
}

fn calls() -> Vec<Call> {
    let call = |word, urgency: &str, title: &str, text: &str, action: &str| Call {
        word,
        urgency: urgency.into(),
        title: title.into(),
        text: text.into(),
        href: "/requests/147".into(),
        action: action.into(),
    };
    vec![
        call(
            Word::WaitsForYou,
            "Waits for you",
            "Restore ampora-0130.dump",
            "operator-a asked 48 s ago. You are the second person.",
            "Read the plan",
        ),
        call(
            Word::Broken,
            "Fix today",
            "Bring the key in use into Vault",
            "If the cluster goes, that key goes with it.",
            "Request key",
        ),
        call(
            Word::Unknown,
            "Cannot tell",
            "Images may not be pullable",
            "registry.example.org has refused Muster’s token since 02:31.",
            "See why",
        ),
    ]
}

fn tiles() -> impl IntoView {
    view! {
        <Tiles>
            <Tile id="t-db" name="Database" href="/backups" word=Word::Ok figure="to 01:12:15 UTC" seen=seen(41, "pgbr-main", false)>
                "35 full backups, 1 gap on 17 Sep. WAL is 2 min 11 s behind; the limit is 15 min."
            </Tile>
            <Tile id="t-key" name="Master key" href="/keys" word=Word::Broken figure="0 of 214 open" seen=seen(120, "vault, ampora-db", false)>
                "Vault’s version 3 opens no envelope of today."
            </Tile>
            <Tile id="t-images" name="Images" word=Word::Unknown figure="no answer for 43 min" seen=seen(2_580, "registry", true)>
                "Last known: 3 of 3 pullable, at 02:31. Too old to count on; the limit is 15 min."
            </Tile>
            <Tile id="t-drill" name="Last drill" word=Word::Broken says="failed" figure="at the key, 4 Oct" seen=seen(180_000, "drill 12", false)>
                "All data came back, no secret opened."
            </Tile>
            <Tile id="t-new" name="Key of the backups" word=Word::Unknown figure="not read yet" seen=view! { <Seen at=None now=now() source="vault" /> }.into_any()>
                "Asked 2 s ago."
            </Tile>
            <Tile id="t-tls" name="Server TLS" word=Word::Unset figure="no source" seen=view! { <Seen at=Some(ago(86_400)) now=now() source="configuration" /> }.into_any()>
                "Nobody said where the certificate is."
            </Tile>
        </Tiles>
    }
}

fn buttons() -> impl IntoView {
    view! {
        <div class="actions">
            <button class="button yes" type="button">"Approve"</button>
            <button class="button no" type="button">"Reject"</button>
            <button class="button primary" type="button">"Request restore"</button>
            <button class="button stop" type="button">"Cancel run"</button>
            <button class="button" type="button">"New request"</button>
            <a class="button quiet" href="/plan.json">"Plan as JSON"</a>
            <CopyButton text="copied" what="command" />
            <button class="button" type="button" disabled=true aria-describedby="why-not">"Run"</button>
            <span class="note" id="why-not">"Run opens when a second person approved."</span>
        </div>
    }
}

fn fields() -> impl IntoView {
    let choices = |values: &[&str]| {
        values
            .iter()
            .map(|v| (v.to_string(), v.to_string()))
            .collect::<Vec<_>>()
    };
    let error = Some("ampora exists. Choose a name that is free.".to_string());
    view! {
        <form class="filters" method="get">
            <TextField name="label" label="Label" kind="search" placeholder="20261005" wide=true />
            <SelectField name="kind" label="Kind" choices=choices(&["any", "full", "incr", "dump"]) value="dump" />
            <div class="actions"><button class="button" type="submit">"Filter"</button></div>
        </form>
        <form class="form" method="post">
            <TextField name="target" label="New database" value="ampora" hint="Letters, digits and _; it must not exist yet." error />
            <RadioField name="delivery" label="How the key reaches you" value="sealed" choices=vec![
                Explained { value: "sealed".into(), called: "Sealed to a recipient".into(), about: "Only the holder of the age identity can open it.".into() },
                Explained { value: "shown".into(), called: "Shown once".into(), about: "In one response, after a fresh login. Lost is lost.".into() },
            ] />
            <TextArea name="reason" label="Reason" value="A clean-up script deleted 1 912 configurations." hint="Everybody who decides reads it." />
        </form>
    }
}

fn banners() -> impl IntoView {
    view! {
        <Banner word=Word::Unknown title="Something moved. This plan can no longer be approved." action=view! { <a class="button" href="#facts">"See what moved"</a> }.into_any()>
            "At 03:14:11 the server version changed. operator-a can make the plan again; its digest will differ."
        </Banner>
        <Banner word=Word::Broken title="The log does not verify. Entry 31 044 differs.">"Keep the database as it is and export the log first."</Banner>
        <Banner word=Word::NeedsYou title="The run stopped and needs a person.">"The worker was lost during a destructive step."</Banner>
        <Banner word=Word::Ok title="The log is whole.">"48 377 entries lead to the root of 03:14:20."</Banner>
    }
}
