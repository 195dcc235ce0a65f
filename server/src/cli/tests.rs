use super::*;

fn parsed(line: &str) -> Cli {
    parse(line.split(' ')).unwrap_or_else(|unparsed| panic!("{line}: {}", unparsed.error))
}

fn exit_of(line: &str) -> Exit {
    parse(line.split(' ')).expect_err("has no command to run").exit()
}

#[test]
fn the_definition_is_sound() {
    use clap::CommandFactory as _;
    Cli::command().debug_assert();
}

#[test]
fn every_command_of_this_version_is_understood() {
    assert!(matches!(
        parsed("muster serve").command,
        Command::Serve(Serve { no_worker: false })
    ));
    assert!(matches!(
        parsed("muster serve --no-worker").command,
        Command::Serve(Serve { no_worker: true })
    ));
    assert!(matches!(parsed("muster worker").command, Command::Worker));
    assert!(matches!(parsed("muster doctor").command, Command::Doctor));
    assert!(matches!(
        parsed("muster config check").command,
        Command::Config(ConfigCommand::Check)
    ));
    assert!(matches!(
        parsed("muster config schema").command,
        Command::Config(ConfigCommand::Schema)
    ));
    assert!(
        matches!(parsed("muster audit export --out log.json").command, Command::Audit(Audit::Export { out }) if out.as_os_str() == "log.json")
    );
    assert!(matches!(
        parsed("muster audit verify log.json --key muster+1+a").command,
        Command::Audit(Audit::Verify { file, key: Some(_) }) if file.as_os_str() == "log.json"
    ));
}

#[test]
fn observing_commands_can_be_narrowed() {
    let Command::Inventory(all) = parsed("muster inventory").command else {
        panic!()
    };
    assert!(all.deployment.is_none() && !all.cached);
    let Command::Keys(one) = parsed("muster keys --deployment demo --cached").command else {
        panic!()
    };
    assert_eq!(one.deployment.as_deref(), Some("demo"));
    assert!(one.cached);
}

#[test]
fn a_plan_names_its_backup_and_its_target() {
    let line = "muster plan restore --deployment demo --backup a.dump --into ampora_copy --json";
    let cli = parsed(line);
    assert!(cli.json);
    let Command::Plan(Plan::Restore(plan)) = cli.command else {
        panic!()
    };
    assert_eq!(
        (plan.backup.as_deref(), plan.into.as_deref(), plan.source),
        (Some("a.dump"), Some("ampora_copy"), None)
    );
    assert_eq!(
        exit_of("muster plan restore --deployment demo --backup a.dump"),
        Exit::CouldNotRun
    );
}

#[test]
fn a_key_is_for_one_for_two_or_for_a_new_place() {
    let line = "muster plan retrieve-key --deployment demo --version 2";
    let key = |rest: &str| match parsed(&format!("{line}{rest}")).command {
        Command::Plan(Plan::RetrieveKey(plan)) => plan,
        other => panic!("{other:?}"),
    };
    assert!(key("").recipients.is_empty());
    assert_eq!(
        key(" --recipient age1a --recipient age1b").recipients,
        ["age1a", "age1b"]
    );
    let placed = key(" --destination dr --name keys");
    assert_eq!(
        (placed.destination.as_deref(), placed.name.as_deref()),
        (Some("dr"), Some("keys"))
    );
    for wrong in [
        " --destination dr",
        " --name keys",
        " --destination dr --name keys --recipient age1a",
    ] {
        assert_eq!(exit_of(&format!("{line}{wrong}")), Exit::CouldNotRun, "{wrong}");
    }
    assert!(matches!(
        parsed("muster plan key-catch-up --deployment demo").command,
        Command::Plan(Plan::KeyCatchUp(plan)) if plan.deployment == "demo"
    ));
}

#[test]
fn global_arguments_stand_before_or_after_the_command() {
    for line in [
        "muster --config a.toml --json inventory",
        "muster inventory --config a.toml --json",
    ] {
        let cli = parsed(line);
        assert_eq!(cli.config.as_deref(), Some(std::path::Path::new("a.toml")), "{line}");
        assert!(cli.json, "{line}");
    }
}

#[cfg(feature = "demo")]
#[test]
fn the_demo_takes_a_place_and_an_address() {
    let Command::Demo(demo) = parsed("muster demo --data-dir /tmp/x --listen 127.0.0.1:0").command else {
        panic!()
    };
    assert_eq!(demo.listen.map(|address| address.port()), Some(0));
    assert_eq!(exit_of("muster demo --listen here"), Exit::CouldNotRun);
}

#[test]
fn bad_arguments_exit_with_3_and_help_with_0() {
    for line in [
        "muster",
        "muster fly",
        "muster serve --fast",
        "muster config",
        "muster plan",
        "muster audit verify",
        "muster inventory --deployment",
    ] {
        assert_eq!(exit_of(line), Exit::CouldNotRun, "{line}");
    }
    for line in [
        "muster --help",
        "muster --version",
        "muster serve --help",
        "muster plan restore -h",
    ] {
        assert_eq!(exit_of(line), Exit::Ok, "{line}");
    }
}

#[test]
fn help_is_the_reviewed_one() {
    let help = parse(["muster", "--help"])
        .expect_err("help is no command")
        .error
        .to_string();
    insta::assert_snapshot!("help", help);
}
