//! Only `ui` has sentences: the rooms below it return values.
//!
//! An error has one sentence (`#[error]`) and its hints (`impl Report`). The test looks for texts of several words
//! anywhere else, except in the files that it lists with a reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ExprMethodCall, ImplItem, Item, ItemImpl, Lit, Macro};

use crate::source::{attributes_of, is_for_tests, sources};
use crate::text::package;

/// Rooms that speak to a user, so their texts are words.
const SPEAKERS: [&str; 3] = ["ui", "cli", "settings"];

/// Files and folders with texts of several words, with the reason.
const EXCEPTIONS: [(&str, &[&str]); 6] = [
    (
        "why a text is not what its parser takes: the error of the file quotes it",
        &[
            "src/foreign/conda.rs",
            "src/foreign/not_read.rs",
            "src/host/recorded.rs",
            "src/lock/shape.rs",
            "src/lock/shape_value.rs",
            "src/lock/source_builds.rs",
            "src/lock/written.rs",
            "src/manifest",
            "src/packages/build_system.rs",
            "src/packages/file_line.rs",
            "src/packages/files.rs",
            "src/packages/framework_lines.rs",
            "src/packages/pylock.rs",
            "src/packages/requirements_file.rs",
            "src/packages/wanted_file.rs",
            "src/parser",
            "src/version.rs",
        ],
    ),
    (
        "a part of an error of the room, which has words of its own",
        &[
            "src/bootstrap/archive.rs",
            "src/bootstrap/cache.rs",
            "src/bootstrap/mmdebstrap.rs",
            "src/connect/openssh.rs",
            "src/connect/ready.rs",
            "src/engine/address_origin.rs",
            "src/engine/endpoint.rs",
            "src/files/error.rs",
            "src/packages/bad_file.rs",
            "src/packages/built_sources.rs",
            "src/lock/misfit.rs",
            "src/lock/trust.rs",
            "src/reconcile/env_variables.rs",
            "src/reconcile/gpu.rs",
            "src/render/append.rs",
            "src/setup/error.rs",
            "src/system/children.rs",
        ],
    ),
    (
        "another program's words, which are looked for, and what its errors quote",
        &[
            "src/engine/build_failure.rs",
            "src/engine/docker",
            "src/engine/fake",
            "src/engine/gpu_route.rs",
            "src/packages/compile.rs",
            "src/packages/explanation.rs",
            "src/packages/tool.rs",
        ],
    ),
    (
        "the text of a file, a script or a request",
        &[
            "src/connect/fragment.rs",
            "src/draft/draft_text.rs",
            "src/lock/text.rs",
            "src/place/local/session.rs",
            "src/packages/stand_in.rs",
            "src/render/requirements.rs",
            "src/render/source_question.rs",
            "src/setup/plan.rs",
            "src/setup/probe.rs",
        ],
    ),
    ("what is wrong with a machine, which a file of host facts carries as text", &["src/host/probe"]),
    ("a tool of those who keep the compatibility data", &["src/matrix/check", "src/matrix/update"]),
];

/// The smallest number of words in a sentence.
const FEWEST: usize = 4;

#[test]
fn only_ui_has_sentences() {
    let excepted: Vec<&str> = EXCEPTIONS.iter().flat_map(|(_, places)| *places).copied().collect();
    let (mut wrong, mut needed) = (Vec::new(), BTreeSet::new());
    for source in sources().iter().filter(|source| !SPEAKERS.contains(&source.room())) {
        let found = sentences(&source.path);
        match excepted.iter().find(|place| source.path.starts_with(place)) {
            Some(place) if !found.is_empty() => _ = needed.insert(*place),
            Some(_) => {}
            None => wrong.extend(found.into_iter().map(|text| format!("{}: {text:?}", source.path.display()))),
        }
    }
    assert!(wrong.is_empty(), "{} sentences outside `ui`:\n{}", wrong.len(), wrong.join("\n"));
    let idle: Vec<_> = excepted.into_iter().filter(|place| !needed.contains(place)).collect();
    assert!(idle.is_empty(), "these need no exception: {idle:?}");
}

#[test]
fn a_sentence_is_found_wherever_it_is() {
    let found = |code: &str| {
        let mut finder = Finder::default();
        finder.visit_file(&syn::parse_file(code).unwrap());
        finder.found
    };
    let sentence = "nobody can do that here";
    for code in [
        "const A: &str = \"SENTENCE\";",
        "fn f() -> String { format!(\"`{x}`: SENTENCE\") }",
        "fn f() { vec![g(\"SENTENCE\".to_owned())] }",
        "impl Display for A { fn fmt(&self) { write!(f, \"SENTENCE\") } }",
    ] {
        assert_eq!(found(&code.replace("SENTENCE", sentence)).len(), 1, "{code}");
    }
    for code in [
        "/// SENTENCE\n#[error(\"SENTENCE\")] struct A;",
        "impl Report for A { fn hints(&self) -> Vec<String> { vec![\"SENTENCE\".to_owned()] } }",
        "#[cfg(test)] mod tests { const A: &str = \"SENTENCE\"; }",
        "fn f() { g().expect(\"SENTENCE\"); assert!(a, \"SENTENCE\"); }",
        "fn f() { g(\"`docker rm -f a b c` {name:?} {x} 1 2 --a -b -c\") }",
    ] {
        assert_eq!(found(&code.replace("SENTENCE", sentence)), Vec::<String>::new(), "{code}");
    }
}

fn sentences(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(package().join(path)).unwrap();
    let mut finder = Finder::default();
    finder.visit_file(&syn::parse_file(&text).unwrap());
    finder.found
}

/// Finds the texts that are sentences.
#[derive(Default)]
struct Finder {
    found: Vec<String>,
}

impl Finder {
    fn look(&mut self, literal: &Lit) {
        if let Lit::Str(text) = literal
            && words(&text.value()) >= FEWEST
        {
            self.found.push(text.value());
        }
    }

    fn look_in(&mut self, tokens: TokenStream) {
        let mut after_hash = false;
        for token in tokens {
            match &token {
                // An attribute. A doc comment is one, too.
                TokenTree::Group(_) if after_hash => {}
                TokenTree::Group(group) => self.look_in(group.stream()),
                TokenTree::Literal(literal) => self.look(&Lit::new(literal.clone())),
                _ => {}
            }
            after_hash = matches!(&token, TokenTree::Punct(sign) if sign.as_char() == '#');
        }
    }
}

/// The number of words of a language in a text. Code in backticks and placeholders do not count.
fn words(text: &str) -> usize {
    let prose: String = text.split('`').step_by(2).collect();
    let is_word = |word: &&str| {
        let word = word.trim_matches([',', '.', ':', ';', '(', ')', '"', '\'']);
        !word.is_empty() && word.chars().all(|c| c.is_alphabetic() || c == '\'' || c == '-') && !word.starts_with('-')
    };
    prose.split_whitespace().filter(is_word).count()
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes_of(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !matches!(item, ImplItem::Fn(function) if is_for_tests(&function.attrs)) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let is_report =
            item.trait_.as_ref().is_some_and(|(_, path, _)| path.segments.last().unwrap().ident == "Report");
        if !is_report {
            visit::visit_item_impl(self, item);
        }
    }

    /// The text of an invariant is for developers.
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method == "expect" {
            self.visit_expr(&call.receiver);
        } else {
            visit::visit_expr_method_call(self, call);
        }
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        let name = called.path.segments.last().unwrap().ident.to_string();
        if !["assert", "debug_assert", "panic", "unreachable"].iter().any(|start| name.starts_with(start)) {
            self.look_in(called.tokens.clone());
        }
    }

    fn visit_lit(&mut self, literal: &'ast Lit) {
        self.look(literal);
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}
