//! The command of a restore that a person runs, where Muster doesn't. It is read before it is pasted, so it stands open, with what it does to the host.

use leptos::prelude::*;

use crate::components::{CopyButton, StatusWord, Word, command_line, visible};

/// The command, or what it is done with where the command isn't known.
#[component]
pub fn ByHand(#[prop(optional_no_strip)] argv: Option<Vec<String>>, tool: String) -> impl IntoView {
    let Some(argv) = argv else {
        return view! { <p><StatusWord word=Word::NotRun text="Not run by Muster" />": this way can’t be requested here. A person restores it with "{visible(&tool)}" itself."</p> }.into_any();
    };
    let line = command_line(&argv);
    let shown = visible(&line);
    view! {
        <p>
            <StatusWord word=Word::NotRun text="Not run by Muster" />
            ", if it is done by hand, where the host isn’t set up under [deployment.restore] or Muster is gone too. A person runs it on the host that is to hold the copy, as the user of PostgreSQL and with the server stopped. pgBackRest refuses a data folder that is not empty; the server then waits at the target, to be looked at before it is promoted (SELECT pg_promote()). One that waits before the target has met a hole in the WAL."
        </p>
        <pre class="quoted-block" tabindex="0" role="region" aria-label="Command to run by hand"><bdi>{shown}</bdi></pre>
        <p><CopyButton text=line what="the command" /></p>
    }
    .into_any()
}
