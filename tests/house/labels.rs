//! The doc comment of a field or a variant says something that its name, its type and its owner's name do not.
//!
//! A comment that only repeats names costs a line and hides the comments that say something.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Field, Fields, ItemEnum, ItemStruct, Lit, Meta, Variant};

use crate::text::files_with_extension;

/// Words without a content of their own.
const FILLERS: [&str; 14] = ["the", "a", "an", "its", "of", "in", "to", "for", "that", "this", "it", "s", "is", "one"];

#[test]
fn the_comment_of_a_field_says_more_than_its_names() {
    let mut found = Vec::new();
    for (file, text) in files_with_extension(&["src"], "rs") {
        if file.ends_with("src/cli.rs") {
            // These comments are the text of `--help`.
            continue;
        }
        let syntax = syn::parse_file(&text).unwrap();
        let mut labels = Labels::default();
        labels.visit_file(&syntax);
        found.extend(labels.found.into_iter().map(|label| format!("{}: {label}", file.display())));
    }
    assert!(found.is_empty(), "these comments repeat names; say more, or nothing:\n{}", found.join("\n"));
}

#[test]
fn a_comment_with_a_word_or_an_example_of_its_own_stays() {
    let found = |text: &str| {
        let mut labels = Labels::default();
        labels.visit_file(&syn::parse_file(text).unwrap());
        labels.found
    };
    let repeats =
        "enum Stale { Gpu { /// The GPU of the target.\n gpu: TargetGpu, /// The lock's path.\n path: LockPath } }";
    assert_eq!(found(repeats), ["The GPU of the target.", "The lock's path."]);
    assert_eq!(found("enum Lack { /// The disk is full.\n DiskFull }"), ["The disk is full."]);
    let says = "struct Key { /// The holder's port on the host.\n port: Port, /// The port, `22`.\n second: Port }";
    assert!(found(says).is_empty());
}

/// The comments that say nothing, with the words that are in scope of the visited item.
#[derive(Default)]
struct Labels {
    scope: Vec<BTreeSet<String>>,
    found: Vec<String>,
}

impl Labels {
    fn check(&mut self, attributes: &[Attribute], names: &BTreeSet<String>) {
        if let [line] = &doc_lines(attributes)[..] {
            let known = |word: &String| {
                FILLERS.contains(&word.as_str()) || names.contains(word) || self.scope.iter().any(|s| s.contains(word))
            };
            if !line.contains('`') && words(line).iter().all(known) {
                self.found.push(line.trim().to_owned());
            }
        }
    }

    fn within(&mut self, name: &str, visit: impl FnOnce(&mut Self)) {
        self.scope.push(words(name));
        visit(self);
        self.scope.pop();
    }
}

impl<'ast> Visit<'ast> for Labels {
    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.within(&item.ident.to_string(), |labels| visit::visit_item_struct(labels, item));
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        self.within(&item.ident.to_string(), |labels| visit::visit_item_enum(labels, item));
    }

    fn visit_variant(&mut self, variant: &'ast Variant) {
        let mut names = words(&variant.ident.to_string());
        if let Fields::Unnamed(fields) = &variant.fields {
            names.extend(fields.unnamed.iter().flat_map(|field| type_words(&field.ty)));
        }
        self.check(&variant.attrs, &names);
        self.within(&variant.ident.to_string(), |labels| visit::visit_variant(labels, variant));
    }

    fn visit_field(&mut self, field: &'ast Field) {
        let mut names = type_words(&field.ty);
        names.extend(field.ident.iter().flat_map(|name| words(&name.to_string())));
        self.check(&field.attrs, &names);
    }
}

fn doc_lines(attributes: &[Attribute]) -> Vec<String> {
    let text = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    attributes.iter().filter_map(text).collect()
}

/// The words of the types that a field's type names: `Option<TargetGpu>` has "option", "target" and "gpu".
fn type_words(ty: &syn::Type) -> BTreeSet<String> {
    struct Names(BTreeSet<String>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_ident(&mut self, name: &'ast proc_macro2::Ident) {
            self.0.extend(words(&name.to_string()));
        }
    }
    let mut names = Names(BTreeSet::new());
    names.visit_type(ty);
    names.0
}

/// The words of a sentence or of a name, in small letters and without a final `s`: `RequestSubject` has "request" and
/// "subject".
fn words(text: &str) -> BTreeSet<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in text.chars() {
        let begins = letter.is_uppercase() && before.is_lowercase();
        if begins || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if letter.is_alphanumeric() {
            words.last_mut().unwrap().extend(letter.to_lowercase());
        }
        before = letter;
    }
    let stem = |word: String| if word.len() > 2 { word.trim_end_matches('s').to_owned() } else { word };
    words.into_iter().filter(|word| !word.is_empty()).map(stem).collect()
}
