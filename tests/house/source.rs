//! The program's source files, read as syntax: the items that each file defines, imports and names, without test code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

use crate::text::package;
use crate::tokens::paths_in;

/// The segments of a path, as written or from the crate's root: `["crate", "lock", "Lock"]`.
pub type Segments = Vec<String>;

/// One file of the library or of the binary.
#[derive(Default)]
pub struct Source {
    /// The path relative to the package: `src/lock/text.rs`.
    pub path: PathBuf,
    /// The module of the file, from the crate's root: `["lock", "text"]`.
    pub module: Segments,
    /// Items of the file itself, by name: functions, types, constants, macros, inline modules.
    pub items: BTreeMap<String, ItemKind>,
    /// The imports of `use`: the local name, and the path as written.
    pub imports: BTreeMap<String, Segments>,
    /// The paths of `use …::*`.
    pub globs: Vec<Segments>,
    /// Every path in the file, as written, including those of a private `use`.
    pub named: Vec<Segments>,
    /// The paths of `pub use`.
    pub reexported: Vec<Segments>,
    /// The called macros, by their last segment.
    pub macros: Vec<String>,
    /// The called methods.
    pub methods: BTreeSet<String>,
    children: Vec<PathBuf>,
}

/// The kind of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A structure, enumeration, union, trait or alias.
    Type,
    /// Any other item.
    Other,
}

impl Source {
    /// The file's name without its extension.
    pub fn stem(&self) -> &str {
        self.path.file_stem().unwrap().to_str().unwrap()
    }

    /// Whether the file is one of these, or is in one of these directories.
    pub fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    /// `src/manifest/ports.rs` → `manifest`, `src/error.rs` → `error`.
    pub fn room(&self) -> &str {
        let first = self.path.iter().nth(1).unwrap().to_str().unwrap();
        first.trim_end_matches(".rs")
    }
}

/// Every file that is compiled into the library or the binary, in the order of the paths.
pub fn sources() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    SOURCES.get_or_init(|| {
        let mut found = Vec::new();
        for root in ["src/lib.rs", "src/main.rs"] {
            read(Path::new(root), &[], &mut found);
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    })
}

/// Reads a file and the files of its modules.
fn read(path: &Path, module: &[String], found: &mut Vec<Source>) {
    let text = fs::read_to_string(package().join(path)).unwrap();
    let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader = Reader { source: Source::default(), depth: 0 };
    reader.source.path = path.to_path_buf();
    reader.source.module = module.to_vec();
    reader.visit_file(&syntax);
    for child in std::mem::take(&mut reader.source.children) {
        let name =
            child.file_stem().filter(|stem| *stem != "mod").unwrap_or_else(|| child.iter().rev().nth(1).unwrap());
        let module: Vec<String> = [module, &[name.to_str().unwrap().to_owned()]].concat();
        read(&child, &module, found);
    }
    found.push(reader.source);
}

/// Whether an item is compiled for tests only.
pub fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

struct Reader {
    source: Source,
    /// The number of enclosing items.
    depth: usize,
}

impl Reader {
    /// The path of the module `name` of this file.
    fn child(&self, name: &str) -> PathBuf {
        let parent = self.source.path.parent().unwrap();
        let directory = match self.source.stem() {
            "lib" | "main" | "mod" => parent.to_path_buf(),
            stem => parent.join(stem),
        };
        let file = directory.join(name).with_extension("rs");
        if package().join(&file).exists() { file } else { directory.join(name).join("mod.rs") }
    }

    fn define(&mut self, item: &Item) {
        let (name, kind) = match item {
            Item::Struct(item) => (&item.ident, ItemKind::Type),
            Item::Enum(item) => (&item.ident, ItemKind::Type),
            Item::Union(item) => (&item.ident, ItemKind::Type),
            Item::Trait(item) => (&item.ident, ItemKind::Type),
            Item::Type(item) => (&item.ident, ItemKind::Type),
            Item::Fn(item) => (&item.sig.ident, ItemKind::Other),
            Item::Const(item) => (&item.ident, ItemKind::Other),
            Item::Static(item) => (&item.ident, ItemKind::Other),
            Item::Mod(item) => (&item.ident, ItemKind::Other),
            Item::Macro(syn::ItemMacro { ident: Some(name), .. }) => (name, ItemKind::Other),
            _ => return,
        };
        self.source.items.insert(name.to_string(), kind);
    }

    /// The path of each leaf of a `use`.
    fn import(&mut self, tree: &UseTree, mut before: Segments, paths: &mut Vec<Segments>) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before, paths);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, before.clone(), paths)),
            UseTree::Glob(_) => {
                paths.push(before.clone());
                self.source.globs.push(before);
            }
            UseTree::Name(name) => paths.push(self.import_as(name.ident.to_string(), None, before)),
            UseTree::Rename(rename) => {
                paths.push(self.import_as(rename.ident.to_string(), Some(rename.rename.to_string()), before));
            }
        }
    }

    fn import_as(&mut self, name: String, renamed: Option<String>, mut path: Segments) -> Segments {
        if name != "self" {
            path.push(name);
        }
        let local = renamed.unwrap_or_else(|| path.last().unwrap().clone());
        self.source.imports.insert(local, path.clone());
        path
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_for_tests(attributes_of(item)) {
            return;
        }
        if self.depth == 0 {
            self.define(item);
        }
        self.depth += 1;
        visit::visit_item(self, item);
        self.depth -= 1;
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_none() {
            let named = item.attrs.iter().any(|attribute| attribute.path().is_ident("path"));
            assert!(!named && self.depth == 1, "{}: a module in an unusual place", self.source.path.display());
            self.source.children.push(self.child(&item.ident.to_string()));
        }
        visit::visit_item_mod(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut paths = Vec::new();
        self.import(&item.tree, Vec::new(), &mut paths);
        match item.vis {
            syn::Visibility::Inherited => self.source.named.extend(paths),
            _ => self.source.reexported.extend(paths),
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Fn(item) => &item.attrs,
            syn::ImplItem::Const(item) => &item.attrs,
            syn::ImplItem::Type(item) => &item.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !is_for_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if !is_for_tests(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    /// `pub(super)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.source.named.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.source.macros.push(called.path.segments.last().unwrap().ident.to_string());
        self.source.named.extend(paths_in(called.tokens.clone()));
        visit::visit_macro(self, called);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.source.methods.insert(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        self.source.named.extend(paths_in(list.tokens.clone()));
    }

    /// Visits the content of an attribute's brackets: `derive(thiserror::Error)` names a path, but `derive` itself does
    /// not.
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.visit_meta_list(list);
        }
    }
}

pub fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
