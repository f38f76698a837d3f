//! The merged configuration key by key, each with the text that set it: what `config` shows.

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Layer;

/// One key in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// `run.shm-size`
    pub key: String,
    /// As it is written there.
    pub value: String,
    /// `envctl.toml:12`
    pub from: String,
}

/// What is in force, in the order of the keys: later layers win key by key, tables merge, arrays replace. Layers are ones
/// that were read as a manifest already; text that is no TOML is passed over.
#[must_use]
pub fn merged(layers: &[Layer]) -> Vec<Setting> {
    let mut ranked: Vec<&Layer> = layers.iter().collect();
    ranked.sort_by_key(|layer| layer.kind);
    let mut settings: Vec<Setting> = Vec::new();
    for layer in ranked {
        let Ok(table) = DeTable::parse(&layer.text) else { continue };
        let mut found = Vec::new();
        collect(layer, "", table.get_ref(), &mut found);
        for setting in found {
            settings.retain(|old| !replaces(&setting.key, &old.key));
            settings.push(setting);
        }
    }
    settings.sort_by(|a, b| a.key.cmp(&b.key));
    settings
}

/// A value takes the place of the same key, of a table under it, and of a plain value above it.
fn replaces(new: &str, old: &str) -> bool {
    let within = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
    new == old || within(old, new) || within(new, old)
}

fn collect(layer: &Layer, above: &str, table: &DeTable<'_>, settings: &mut Vec<Setting>) {
    for (name, value) in table {
        let key = if above.is_empty() { name.get_ref().to_string() } else { format!("{above}.{}", name.get_ref()) };
        match value.get_ref() {
            DeValue::Table(inner) => collect(layer, &key, inner, settings),
            _ => settings.push(setting(layer, key, value)),
        }
    }
}

fn setting(layer: &Layer, key: String, value: &Spanned<DeValue<'_>>) -> Setting {
    let span = value.span();
    let line = layer.text[..span.start].matches('\n').count() + 1;
    let written = layer.text[span].split_whitespace().collect::<Vec<_>>().join(" ");
    Setting { key, value: written, from: format!("{}:{line}", layer.short_name()) }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::manifest::LayerKind;

    fn layer(kind: LayerKind, path: &str, text: &str) -> Layer {
        Layer { path: PathBuf::from(path), text: text.to_owned(), kind }
    }

    #[test]
    fn later_layers_win_key_by_key_and_say_where() {
        let layers = [
            layer(LayerKind::Project, "/p/envctl.toml", "[run]\nshm-size = \"8g\"\nports = [\n \"1:1\",\n \"2:2\" ]\n"),
            layer(
                LayerKind::User,
                "/u/config.toml",
                "[run]\nshm-size = \"1g\"\n[network]\nbase-images = \"bootstrap\"\n",
            ),
            layer(LayerKind::Local, "/p/envctl.local.toml", "run.env.A = \"b\"\n"),
        ];
        let lines: Vec<_> = merged(&layers).iter().map(|s| format!("{} = {} ({})", s.key, s.value, s.from)).collect();
        assert_eq!(
            lines,
            [
                "network.base-images = \"bootstrap\" (/u/config.toml:4)",
                "run.env.A = \"b\" (envctl.local.toml:1)",
                "run.ports = [ \"1:1\", \"2:2\" ] (envctl.toml:3)",
                "run.shm-size = \"8g\" (envctl.toml:2)",
            ]
        );
    }

    #[test]
    fn a_plain_value_and_a_table_replace_each_other() {
        let layers = [
            layer(LayerKind::Project, "/p/envctl.toml", "[frameworks]\njax = { version = \"0.7\", with = [] }\n"),
            layer(LayerKind::Local, "/p/envctl.local.toml", "[frameworks]\njax = \"0.9\"\n"),
        ];
        let keys: Vec<_> = merged(&layers).into_iter().map(|setting| setting.key).collect();
        assert_eq!(keys, ["frameworks.jax"]);
    }
}
