//! The images that a Deployment's pods run, by the digest they were pulled by.

use k8s_openapi::api::core::v1::{Node, Pod};
use kube::Api;
use serde::{Deserialize, Serialize};

use super::pods::{container, status};
use super::{Cluster, KubernetesError};
use crate::tls::plain;

/// One image in use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunningImage {
    /// As the pod names it.
    pub image: String,
    /// `sha256:…` in its registry; `None` if the node doesn't say, as for images that were never pulled.
    pub digest: Option<String>,
    /// Such as `linux/amd64`; `None` if Muster may not read the node.
    pub platform: Option<String>,
}

impl Cluster {
    /// The images in the Deployment's pods: of the container with the Deployment's name, else of the first. While it rolls there are two.
    ///
    /// # Errors
    /// If the Deployment or its pods can't be read.
    pub async fn images(&self, namespace: &str, deployment: &str) -> Result<Vec<RunningImage>, KubernetesError> {
        let pods = self.pods(namespace, deployment).await?;
        let mut images: Vec<RunningImage> = Vec::new();
        for pod in &pods {
            let Some((image, digest)) = image(pod, deployment) else {
                continue;
            };
            if images
                .iter()
                .all(|seen| (&seen.image, &seen.digest) != (&image, &digest))
            {
                let platform = self.platform(pod).await;
                images.push(RunningImage {
                    image,
                    digest,
                    platform,
                });
            }
        }
        Ok(images)
    }

    /// Nodes belong to no namespace: a role that can't read them is fine.
    async fn platform(&self, pod: &Pod) -> Option<String> {
        let name = pod.spec.as_ref()?.node_name.as_ref()?;
        let nodes: Api<Node> = Api::all(self.client.clone());
        let node = self.ask("a node", nodes.get(name)).await.ok()?;
        let info = node.status?.node_info?;
        Some(plain(&format!("{}/{}", info.operating_system, info.architecture)))
    }
}

fn image(pod: &Pod, deployment: &str) -> Option<(String, Option<String>)> {
    let container = container(pod, deployment)?;
    let status = status(pod, container);
    let reported = status
        .map(|status| status.image.as_str())
        .filter(|image| !image.is_empty());
    let image = container
        .image
        .as_deref()
        .filter(|image| !image.is_empty())
        .or(reported)?;
    let digest = status
        .and_then(|status| digest(&status.image_id))
        .or_else(|| digest(image));
    Some((plain(image), digest))
}

/// Runtimes write `repository@sha256:…`, Docker with `docker-pullable://` before it. A bare `sha256:…` is the node's own name of the image,
/// which no registry knows.
fn digest(id: &str) -> Option<String> {
    let (_, digest) = id.rsplit_once('@')?;
    let hex = digest.strip_prefix("sha256:")?;
    (hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| digest.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_digest_of_the_registry_is_one() {
        let hex = "0123456789abcdef".repeat(4);
        let digest_of = |id: String| digest(&id);
        let expected = Some(format!("sha256:{hex}"));
        assert_eq!(digest_of(format!("docker.io/ampora/web@sha256:{hex}")), expected);
        assert_eq!(
            digest_of(format!("docker-pullable://ampora/web@sha256:{hex}")),
            expected
        );
        assert_eq!(digest_of(format!("sha256:{hex}")), None);
        assert_eq!(digest_of("docker.io/ampora/web@sha256:12".into()), None);
        assert_eq!(digest_of(String::new()), None);
    }
}
