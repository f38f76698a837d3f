//! Reads `[frameworks]`: the framework ids and the releases that the manifest asks for.
//!
//! An unknown name gets the most similar id, or the id of the framework with this other name.

use std::collections::BTreeMap;

use crate::manifest::problem::ProblemKind;
use crate::manifest::reader::{Reader, TableReader};
use crate::manifest::schema;
use crate::manifest::tree::{Entry, Value};
use crate::manifest::types::{FrameworkId, PackageName};
use crate::manifest::vocabulary::Vocabulary;
use crate::manifest::{FrameworkRequest, Located};
use crate::version::VersionRequest;

pub(super) fn frameworks(
    reader: &mut Reader,
    root: &mut TableReader,
    vocabulary: &Vocabulary,
) -> BTreeMap<FrameworkId, Located<FrameworkRequest>> {
    let mut found = BTreeMap::new();
    for (name, entry) in reader.table(root, "frameworks").into_entries() {
        let Some(id) = vocabulary.framework(&name) else {
            reader.problem(stranger(name, vocabulary), &entry.key_span);
            continue;
        };
        if let Some(request) = framework(reader, &name, entry) {
            found.insert(id.clone(), request);
        }
    }
    found
}

fn framework(reader: &mut Reader, name: &str, entry: Entry) -> Option<Located<FrameworkRequest>> {
    let (span, origin) = (Some(entry.node.span.clone()), entry.node.origin);
    let Value::Table(entries) = entry.node.value else {
        if !matches!(entry.node.value, Value::Text(_)) {
            let allowed = "a string such as `\"2.4\"` or a table with `version`, `with` and `gpu`";
            reader.wrong_type(format!("frameworks.{name}"), &entry.node, allowed);
            return None;
        }
        let version = reader.checked(format!("frameworks.{name}"), &entry.node)?;
        let value = FrameworkRequest { version: version.value, with: Vec::new(), gpu: true };
        return Some(Located { value, span, origin });
    };
    let mut table = TableReader::new("frameworks.*", entries);
    let version: Option<Located<VersionRequest>> = reader.text(&mut table, "version");
    let with: Vec<Located<PackageName>> = reader.list(&mut table, "with");
    let gpu = reader.flag(&mut table, "gpu").is_none_or(|gpu| gpu.value);
    reader.finish(table);
    let span = version.as_ref().map_or(span, |version| version.span.clone());
    let version = version.map_or_else(VersionRequest::any, |version| version.value);
    Some(Located { value: FrameworkRequest { version, with, gpu }, span, origin })
}

/// The problem for a name that is not an id.
fn stranger(name: String, vocabulary: &Vocabulary) -> ProblemKind {
    if let Some(id) = vocabulary.framework_called(&name) {
        return ProblemKind::OtherFramework { name, id: id.to_string() };
    }
    let ids = vocabulary.ids();
    let near = schema::nearest(&name, ids.iter().copied()).map(str::to_owned);
    ProblemKind::UnknownFramework { name, near, known: ids.into_iter().map(str::to_owned).collect() }
}
