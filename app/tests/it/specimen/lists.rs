//! The plot, tables, pages, keys, audit entries.

use app::components::*;
use app::plots::{Reading, RestorablePlot};
use domain::backup::{Backup, Kind};
use domain::key::Fingerprint;
use domain::status::Status;
use domain::time::{bytes, span};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use super::samples::{ago, backup, now, plot};

fn seen(source: &str) -> AnyView {
    view! { <Seen at=Some(ago(41)) now=now() source=source /> }.into_any()
}

pub fn sections() -> impl IntoView {
    let mut picked = plot("window-now", Reading::Fresh);
    picked.picked = Some(ago(3 * 86_400));
    view! {
        <Sheet id="window" title="What can be restored" seen=seen("pgbr-main, dumps")><RestorablePlot plot=picked pick=Address::new("/backups", ParamsMap::new()) /></Sheet>
        <Sheet id="window-past" title="The same, not read for three days">
            <RestorablePlot plot=plot("window-then", Reading::NotSince(ago(3 * 86_400))) />
        </Sheet>
        <Sheet id="backups" title="All backups" note="153 kept: 150 ok, 2 broken, 1 unknown" seen=seen("pgbr-main, dumps") hold=true>
            {backups()}
        </Sheet>
        <div class="split">
            <div>
                <Sheet id="keys" title="Which key opens what is live" note="214 envelopes sampled of 214" seen=seen("ampora-db")>{keys()}</Sheet>
            </div>
            <div>
                <Sheet id="entries" title="Audit" note="newest first">{entries()}</Sheet>
            </div>
        </div>
    }
}

fn backups() -> impl IntoView {
    let address = Address::new("/backups", ParamsMap::new());
    let sort = Sort::of(&address, "-finished");
    let rows = [
        backup(
            "ampora-20261006T0130.dump",
            Kind::Dump,
            1,
            Status::Unknown,
            "not read in full yet",
        ),
        backup("20261005-220004F", Kind::Full, 3, Status::Ok, ""),
        backup("20261004-220003F_20261005-160003I", Kind::Incr, 9, Status::Ok, ""),
        backup(
            "ampora-20261001T0130.dump",
            Kind::Dump,
            121,
            Status::Broken,
            "ends 1 byte early",
        ),
    ];
    let links = page_links(&address, 2, 17);
    view! {
        <table>
            <thead>
                <tr>
                    <SortHead by="label" label="Backup" address=address.clone() sort=sort.clone() />
                    <th scope="col">"Status"</th>
                    <SortHead by="finished" label="Finished" address=address.clone() sort=sort.clone() class="c2" />
                    <th scope="col" class="num c3">"Took"</th>
                    <SortHead by="size" label="Size" address sort class="num c3" />
                    <th scope="col">"Opens with"</th>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
        </table>
        <Pager shows="10 to 19 of 153" links />
    }
}

fn row(backup: Backup) -> impl IntoView {
    let word = Word::from(backup.status);
    let (from, to) = (
        backup.started_at.unwrap_or_default(),
        backup.stopped_at.unwrap_or_default(),
    );
    let id = format!("b-{}", backup.label);
    view! {
        <tr id=id data-status=word.status()>
            <th scope="row">
                <a class="label" href="/backups/x">{backup.label}</a>
                <span class="sub when-phone"><Moment at=to now=now() /></span>
                <span class="sub">{backup.kind.word()}", "{backup.source}</span>
            </th>
            <td><StatusWord word />{(!backup.detail.is_empty()).then(|| view! { <span class="sub">{backup.detail}</span> })}</td>
            <td class="c2"><Moment at=to now=now() /><span class="sub"><Moment at=to now=now() show=Show::Ago /></span></td>
            <td class="num c3">{span((to - from).num_seconds())}</td>
            <td class="num c3">{backup.size_bytes.map(bytes)}</td>
            <td><StatusWord word=Word::Missing text="not in Vault" /><span class="sub"><FingerprintCode fingerprint=Fingerprint::Keyed("c41e5f0611223344".into()) /></span></td>
        </tr>
    }
}

fn keys() -> impl IntoView {
    let row = |name: &str, print: &str, opens: u32, word: Option<Word>| {
        let status = word.map(Word::status);
        view! {
            <tr data-status=status>
                <th scope="row">{name.to_string()}</th>
                <td class="c2"><FingerprintCode fingerprint=Fingerprint::Keyed(print.into()) /></td>
                <td><ProofBar opens of=214 /></td>
                <td class="num"><b>{opens}</b></td>
            </tr>
        }
    };
    view! {
        <table>
            <thead><tr><th scope="col">"Key"</th><th scope="col" class="c2">"Fingerprint"</th><th scope="col">"Opens, of 214"</th><th scope="col" class="num">"Count"</th></tr></thead>
            <tbody>
                {row("In use", "c41e5f06aabb", 214, None)}
                {row("Version 3, current", "7d2c91abccdd", 0, Some(Word::Broken))}
                {row("Version 2", "2be790d4eeff", 3, None)}
                {row("Version 1", "weak", 0, Some(Word::Unknown))}
            </tbody>
        </table>
    }
}

fn entries() -> impl IntoView {
    view! {
        <table class="entries">
            <thead><tr><th scope="col" class="num">"Entry"</th><th scope="col">"Time"</th><th scope="col">"Action"</th><th scope="col">"Outcome"</th></tr></thead>
            <tbody>
                <tr class="day"><th colspan="4" scope="rowgroup">"Tuesday 6 October"</th></tr>
                <tr id="e-48377"><td class="num no">"48 377"</td><td><Moment at=ago(24) now=now() show=Show::Stamp /></td><td class="action">"request.approve"<span class="sub">"operator-a, own request"</span></td><td><StatusWord word=Word::Refused /></td></tr>
                <tr id="e-48376" class="outcome"><td class="num no">"48 376"</td><td><Moment at=ago(60) now=now() show=Show::Stamp /></td><td class="action">"run.step"</td><td><StatusWord word=Word::Done /></td></tr>
                <tr id="e-48375" class="intent"><td class="num no">"48 375"</td><td><Moment at=ago(64) now=now() show=Show::Stamp /></td><td class="action">"run.step"</td><td><StatusWord word=Word::Waiting text="intent" /></td></tr>
            </tbody>
        </table>
    }
}
