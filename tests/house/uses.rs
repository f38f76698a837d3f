//! Finds the meaning of each name in a file: an item of this crate or of a library.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::source::{Segments, Source, sources};

/// A path with its imports and `super`s resolved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// A path from this crate's root: `["lock", "Lock"]`.
    Own(Segments),
    /// A path of a library: `["std", "fs", "read"]`.
    Outside(Segments),
}

/// The library's modules, with their files.
pub struct Modules(BTreeMap<Segments, &'static Source>);

impl Modules {
    /// The modules of the library.
    pub fn of_library() -> Self {
        let files = sources().iter().filter(|source| source.path != Path::new("src/main.rs"));
        Self(files.map(|source| (source.module.clone(), source)).collect())
    }

    /// The meaning of every name in a file.
    pub fn meanings(&self, source: &Source) -> BTreeSet<Meaning> {
        let named = source.named.iter().chain(&source.reexported);
        named.filter_map(|path| self.meaning(source, path)).collect()
    }

    /// The paths of libraries in a file: `std::fs::read`.
    pub fn outside(&self, source: &Source) -> BTreeSet<String> {
        let outside = self.meanings(source).into_iter().filter_map(|meaning| match meaning {
            Meaning::Outside(path) => Some(path.join("::")),
            Meaning::Own(_) => None,
        });
        outside.collect()
    }

    /// The paths of this crate in a file, from the crate's root.
    pub fn own(&self, source: &Source) -> BTreeSet<Segments> {
        let own = self.meanings(source).into_iter().filter_map(|meaning| match meaning {
            Meaning::Own(path) => Some(path),
            Meaning::Outside(_) => None,
        });
        own.collect()
    }

    /// The other files whose items a file uses, each with one such item. A re-export is not a use.
    pub fn files_used(&self, source: &Source) -> BTreeMap<&'static Path, String> {
        let mut used = BTreeMap::new();
        for meaning in source.named.iter().filter_map(|path| self.meaning(source, path)) {
            let Meaning::Own(path) = meaning else { continue };
            if let Some(file) = self.defining_file(&path, 0).filter(|file| file.path != source.path) {
                used.entry(file.path.as_path()).or_insert_with(|| path.join("::"));
            }
        }
        used
    }

    /// The meaning of a path. `None`: a local variable, a generic parameter, or a name of the prelude.
    fn meaning(&self, source: &Source, path: &[String]) -> Option<Meaning> {
        let (first, rest) = path.split_first()?;
        let from = |module: &[String]| Some(Meaning::Own([module, rest].concat()));
        match first.as_str() {
            "Self" => None,
            "crate" | "envctl" => from(&[]),
            "self" => from(&source.module),
            "super" => {
                let (_, mut module) = source.module.split_last()?;
                let mut rest = rest;
                while let Some(("super", after)) = rest.split_first().map(|(first, after)| (first.as_str(), after)) {
                    (module, rest) = (module.split_last()?.1, after);
                }
                Some(Meaning::Own([module, rest].concat()))
            }
            _ if source.imports.get(first).is_some_and(|import| import != path) => {
                let import = &source.imports[first];
                // `use rows::rows;` means the module, not itself.
                if import.first() == Some(first) && import.len() > 1 && path.len() == 1 {
                    return self.meaning_in_scope(source, import);
                }
                match self.meaning_of_import(source, import)? {
                    Meaning::Own(found) => Some(Meaning::Own([found, rest.to_vec()].concat())),
                    Meaning::Outside(found) => Some(Meaning::Outside([found, rest.to_vec()].concat())),
                }
            }
            _ => self.meaning_in_scope(source, path),
        }
    }

    fn meaning_of_import(&self, source: &Source, import: &[String]) -> Option<Meaning> {
        match import.first()?.as_str() {
            "crate" | "self" | "super" => self.meaning(source, import),
            _ => self.meaning_in_scope(source, import),
        }
    }

    /// The meaning of a path with a first name that is not imported.
    fn meaning_in_scope(&self, source: &Source, path: &[String]) -> Option<Meaning> {
        let here = [source.module.as_slice(), path].concat();
        if source.items.contains_key(&path[0]) || self.0.contains_key(&here[..=source.module.len()]) {
            return Some(Meaning::Own(here));
        }
        for glob in &source.globs {
            if let Some(Meaning::Own(module)) = self.meaning_of_import(source, glob) {
                let opened = [module.as_slice(), path].concat();
                if self.defining_file(&opened, 0).is_some() {
                    return Some(Meaning::Own(opened));
                }
            }
        }
        (path.len() > 1).then(|| Meaning::Outside(path.to_vec()))
    }

    /// The file that defines an item, found through re-exports. `None`: a module, or an item that a macro makes.
    pub fn defining_file(&self, path: &[String], depth: usize) -> Option<&'static Source> {
        let length = (0..=path.len()).rev().find(|length| self.0.contains_key(&path[..*length]))?;
        let (module, rest) = path.split_at(length);
        let source = self.0[module];
        let name = rest.first()?;
        if source.items.contains_key(name) {
            return Some(source);
        }
        assert!(depth < 20, "{}: re-exported without end", path.join("::"));
        if let Some(import) = source.imports.get(name) {
            let Meaning::Own(found) = self.meaning_of_import(source, import)? else { return None };
            return self.defining_file(&[found.as_slice(), &rest[1..]].concat(), depth + 1);
        }
        let opened = source.globs.iter().filter_map(|glob| self.meaning_of_import(source, glob));
        opened.into_iter().find_map(|meaning| match meaning {
            Meaning::Own(module) => self.defining_file(&[module.as_slice(), rest].concat(), depth + 1),
            Meaning::Outside(_) => None,
        })
    }
}
