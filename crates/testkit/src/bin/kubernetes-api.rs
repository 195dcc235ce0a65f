//! The API server of [`testkit::kubernetes`] as a program, for browser tests: it holds the objects of a file, has pods come and go with
//! Deployments, and ends with its input.
//!
//! `kubernetes-api FOLDER OBJECTS.json`: writes a kubeconfig into the folder, then prints `ready` and its path.

use std::io::Read as _;
use std::path::PathBuf;

use testkit::kubernetes::KubernetesApi;

#[tokio::main]
async fn main() {
    let mut words = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), Some(objects)) = (words.next(), words.next()) else {
        panic!("kubernetes-api FOLDER OBJECTS.json");
    };
    let text = std::fs::read(&objects).unwrap_or_else(|error| panic!("{}: {error}", objects.display()));
    let objects: Vec<serde_json::Value> = serde_json::from_slice(&text).expect("a list of objects");
    let api = KubernetesApi::start().await;
    api.follow_deployments(true);
    for object in objects {
        api.put(object);
    }
    println!("ready {}", api.kubeconfig(&folder).display());
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    ended.await.expect("it waits").expect("its input can be read");
}
