//! Reads `[ssh]`, `[build]` and `[network]`: SSH access, additions to the image, and the network of the container.
//!
//! The configuration's tables `[matrix]` and `[projects]` are read here, too.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use crate::manifest::problem::ProblemKind;
use crate::manifest::reader::{Reader, TableReader, located};
use crate::manifest::tree::{Entry, Node, Value};
use crate::manifest::types::{EnvValue, HostPath, OverlaySource, SafeDirectory, ValueError};
use crate::manifest::{BaseImages, Build, CaCertificates, Located, Network, Ssh};

pub(super) fn ssh_table(reader: &mut Reader, mut table: TableReader) -> Ssh {
    let port = table.take("port").and_then(|entry| match &entry.node.value {
        Value::Integer(Some(port), _) if (1..=65535).contains(port) => {
            u16::try_from(*port).ok().map(|port| located(port, &entry.node))
        }
        Value::Integer(_, text) => {
            let error = ValueError {
                text: text.clone(),
                what: "a port",
                why: "it is out of range".into(),
                allowed: "a number from 1 to 65535".into(),
            };
            reader.problem(ProblemKind::BadValue(error), &entry.node.span);
            None
        }
        _ => {
            reader.wrong_type("ssh.port".to_owned(), &entry.node, "a number from 1 to 65535");
            None
        }
    });
    let listen = reader.plain(&mut table, "listen").and_then(|asked| {
        let address =
            if asked.value == "localhost" { Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)) } else { asked.value.parse() };
        if let Ok(value) = address {
            return Some(asked.map(|_| value));
        }
        let error = ValueError {
            text: asked.value,
            what: "an address",
            why: "it can't be read".into(),
            allowed: "an IP address such as `127.0.0.1` or `0.0.0.0`".into(),
        };
        reader.problem(ProblemKind::BadValue(error), &asked.span.unwrap_or_default());
        None
    });
    let ssh = Ssh {
        enabled: reader.flag(&mut table, "enabled").is_none_or(|enabled| enabled.value),
        port,
        listen: listen.unwrap_or_else(|| Located::default_value(Ipv4Addr::LOCALHOST.into())),
        authorized_keys: paths(reader, &mut table, "authorized-keys"),
    };
    reader.finish(table);
    ssh
}

pub(super) fn build_table(reader: &mut Reader, mut table: TableReader) -> Build {
    let args: BTreeMap<_, Located<EnvValue>> = reader.pairs(&mut table, "args");
    let args = args.into_iter().map(|(name, value)| (name, value.map(|value| value.to_string())));
    let build = Build {
        run: reader.plain_list(&mut table, "run").unwrap_or_default(),
        copy: reader.list(&mut table, "copy"),
        secrets: reader.list(&mut table, "secrets"),
        args: args.collect(),
        append: reader.plain(&mut table, "append"),
    };
    reader.finish(table);
    build
}

pub(super) fn network_table(reader: &mut Reader, mut table: TableReader) -> Network {
    let ca_certificates = table.take("ca-certificates").and_then(|entry| certificates(reader, &entry));
    let base_images = reader.plain(&mut table, "base-images").and_then(|asked| {
        let value = match asked.value.as_str() {
            "registry" => BaseImages::Registry,
            "bootstrap" => BaseImages::Bootstrap,
            _ => {
                let error = ValueError {
                    text: asked.value,
                    what: "a way to base images",
                    why: "there is none of that name".into(),
                    allowed: "`registry` or `bootstrap`".into(),
                };
                reader.problem(ProblemKind::BadValue(error), &asked.span.unwrap_or_default());
                return None;
            }
        };
        Some(asked.map(|_| value))
    });
    let t = &mut table;
    let network = Network {
        apt_mirror: reader.text(t, "apt-mirror"),
        pip_index: reader.text(t, "pip-index"),
        pip_extra_indexes: reader.list(t, "pip-extra-indexes"),
        image_mirror: reader.text(t, "image-mirror"),
        proxy: reader.text(t, "proxy"),
        no_proxy: reader.list(t, "no-proxy"),
        python_mirror: reader.text(t, "python-mirror"),
        ca_certificates: ca_certificates.unwrap_or_else(|| Located::default_value(CaCertificates::Host)),
        base_images: base_images.unwrap_or_else(|| Located::default_value(BaseImages::default())),
    };
    reader.finish(table);
    network
}

pub(super) fn matrix_table(reader: &mut Reader, mut table: TableReader) -> Vec<Located<OverlaySource>> {
    let overlays = reader.list(&mut table, "overlays");
    reader.finish(table);
    overlays
}

pub(super) fn projects_table(reader: &mut Reader, mut table: TableReader) -> Vec<Located<SafeDirectory>> {
    let directories = reader.list(&mut table, "safe-directories");
    reader.finish(table);
    directories
}

/// Reads `"host"`, `"image"` or PEM files.
fn certificates(reader: &mut Reader, entry: &Entry) -> Option<Located<CaCertificates>> {
    let value = match &entry.node.value {
        Value::Text(text) if text == "host" => CaCertificates::Host,
        Value::Text(text) if text == "image" => CaCertificates::Image,
        Value::List(items) => {
            let path = |item: &Node| reader.checked::<HostPath>("network.ca-certificates[]".to_owned(), item);
            CaCertificates::Files(items.iter().filter_map(path).map(|path| path.value.into()).collect())
        }
        _ => {
            let allowed = "`\"host\"`, `\"image\"` or a list of PEM files";
            reader.wrong_type("network.ca-certificates".to_owned(), &entry.node, allowed);
            return None;
        }
    };
    Some(located(value, &entry.node))
}

/// Reads one path or a list of paths.
pub(super) fn paths(reader: &mut Reader, table: &mut TableReader, key: &str) -> Option<Vec<Located<PathBuf>>> {
    let entry = table.take(key)?;
    let items = match entry.node.value {
        Value::List(items) => items,
        _ => vec![entry.node],
    };
    let path = |item: &Node| reader.checked::<HostPath>(key.to_owned(), item);
    let paths = items.iter().filter_map(path);
    Some(paths.map(|path| path.map(PathBuf::from)).collect())
}
