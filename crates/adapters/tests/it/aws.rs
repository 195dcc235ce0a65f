//! AWS, as moto emulates it.

use testkit::moto::Moto;

#[tokio::test]
async fn moto_keeps_a_bucket() {
    let moto = Moto::start();
    moto.create_bucket("backups").await;
    let client = reqwest::Client::builder().build().unwrap();
    let answer = client
        .get(moto.endpoint().join("backups").unwrap())
        .send()
        .await
        .unwrap();
    assert!(answer.text().await.unwrap().contains("<Name>backups</Name>"));
}
