//! The proxy of downloads: from the configuration, else from the variables that every program reads.
//!
//! The builder has arguments with fixed names for a proxy. They reach the environment of each step, but no layer and no
//! cache key.

use std::collections::BTreeMap;

use crate::manifest::Network;
use crate::system::System;

/// The builder's arguments in both spellings, because `apt` reads only lower case and other programs only upper case.
#[must_use]
pub fn build_arguments(network: &Network, system: &System) -> BTreeMap<String, String> {
    let mut wanted = BTreeMap::new();
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
        let inherited = system.variable(&name.to_lowercase()).or_else(|| system.variable(name));
        wanted.extend(inherited.map(|value| (name, value.to_owned())));
    }
    if let Some(proxy) = &network.proxy {
        wanted.extend(["HTTP_PROXY", "HTTPS_PROXY"].map(|name| (name, proxy.value.to_string())));
    }
    if !network.no_proxy.is_empty() {
        let hosts: Vec<String> = network.no_proxy.iter().map(|host| host.value.to_string()).collect();
        wanted.insert("NO_PROXY", hosts.join(","));
    }
    wanted
        .into_iter()
        .flat_map(|(name, value)| [(name.to_lowercase(), value.clone()), (name.to_owned(), value)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Located;
    use crate::packages::tests::manifest;

    fn system(variables: &[(&str, &str)]) -> System {
        let mut system = System::for_tests();
        system.variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        system
    }

    #[test]
    fn what_the_host_uses_its_builds_use() {
        let arguments = build_arguments(&manifest().network, &system(&[("https_proxy", "http://p.example:1")]));
        let pairs: Vec<_> = arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(pairs, ["HTTPS_PROXY=http://p.example:1", "https_proxy=http://p.example:1"]);
        assert!(build_arguments(&manifest().network, &system(&[])).is_empty());
    }

    #[test]
    fn the_configuration_wins() {
        let mut network = manifest().network;
        network.proxy = Some(Located::default_value("http://lab.example:3128".parse().unwrap()));
        let arguments = build_arguments(&network, &system(&[("HTTP_PROXY", "http://other.example:1")]));
        assert_eq!(arguments["http_proxy"], network.proxy.as_ref().unwrap().value.as_str());
        assert_eq!(arguments["HTTPS_PROXY"], arguments["http_proxy"]);
    }
}
