//! The network on which containers cannot reach each other.
//!
//! An existing network of the same name that allows this traffic is refused, not changed.

use bollard::models::{Network, NetworkCreateRequest};
use bollard::query_parameters::ListNetworksOptionsBuilder;

use super::Docker;
use super::errors::absent_is_fine;
use super::refusal::RequestSubject;
use crate::engine::EngineError;

/// The bridge driver's option for traffic between containers.
const BETWEEN: &str = "com.docker.network.bridge.enable_icc";

/// The label on every network that envctl creates.
const LABEL: &str = "envctl.network";

impl Docker {
    /// Creates the network. Engines before API 1.44 silently create a second network of the same name and then refuse
    /// the name as ambiguous. So the networks are listed again after the creation, and the oldest one stays.
    pub(super) async fn make_isolated(&self, name: &str) -> Result<(), EngineError> {
        if self.oldest(name).await?.is_none() {
            let wait = self.patience.work;
            self.within(
                wait,
                "make a network",
                RequestSubject::Network(name),
                self.client.create_network(network_request(name)),
            )
            .await?;
            self.oldest(name).await?;
        }
        Ok(())
    }

    /// Returns the network of this name, checked, after removing younger ones of the same name.
    async fn oldest(&self, name: &str) -> Result<Option<()>, EngineError> {
        let filters = [("name".to_owned(), vec![name.to_owned()])].into();
        let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
        let list = self.client.list_networks(Some(options));
        let mut found = self.within(self.patience.usual, "list the networks", RequestSubject::Engine, list).await?;
        // The filter also matches parts of names.
        found.retain(|network| network.name.as_deref() == Some(name));
        found.sort_by(|a, b| (&a.created, &a.id).cmp(&(&b.created, &b.id)));
        let mut found = found.into_iter();
        let Some(first) = found.next() else { return Ok(None) };
        for younger in found {
            let id = younger.id.unwrap_or_default();
            let remove = async { absent_is_fine(self.client.remove_network(&id).await) };
            self.within(self.patience.work, "remove a network", RequestSubject::Network(name), remove).await?;
        }
        if is_isolated(&first) { Ok(Some(())) } else { Err(EngineError::NetworkOpen { name: name.to_owned() }) }
    }
}

fn is_isolated(network: &Network) -> bool {
    let option = network.options.as_ref().and_then(|options| options.get(BETWEEN));
    network.driver.as_deref() == Some("bridge") && option.is_some_and(|value| value == "false")
}

fn network_request(name: &str) -> NetworkCreateRequest {
    NetworkCreateRequest {
        name: name.to_owned(),
        driver: Some("bridge".to_owned()),
        options: Some([(BETWEEN.to_owned(), "false".to_owned())].into()),
        labels: Some([(LABEL.to_owned(), "1".to_owned())].into()),
        ..NetworkCreateRequest::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_isolates_and_other_networks_do_not() {
        let NetworkCreateRequest { driver, options, .. } = network_request("envctl");
        let made = Network { driver, options, ..Network::default() };
        assert!(is_isolated(&made));
        assert!(!is_isolated(&Network { options: None, ..made.clone() }));
        assert!(!is_isolated(&Network { driver: Some("macvlan".to_owned()), ..made }));
    }
}
