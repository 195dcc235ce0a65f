-- A run can wait for a second decision. It holds its deployment while it waits, and nobody works on it.
alter table runs
    drop constraint runs_word,
    add constraint runs_word check (
        word in ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled', 'refused', 'needs_human')
    );

drop index runs_one_active_per_deployment;
create unique index runs_one_active_per_deployment on runs (deployment) where word in ('queued', 'running', 'paused');

alter table challenges
    drop constraint challenges_decision_check,
    add constraint challenges_decision_check check (decision in ('approve', 'reject', 'reveal', 'promote', 'give-up'));
