//! Finds paths in token streams that are not parsed as syntax: the arguments of macros and attributes.

use proc_macro2::{TokenStream, TokenTree};

use crate::source::Segments;

/// Every path of names joined by `::`, at any depth.
pub fn paths_in(tokens: TokenStream) -> Vec<Segments> {
    let mut found = Vec::new();
    let mut path = Segments::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                if colons != 2 && !path.is_empty() {
                    found.push(std::mem::take(&mut path));
                }
                path.push(name.to_string());
                colons = 0;
            }
            TokenTree::Punct(sign) if sign.as_char() == ':' && colons < 2 && !path.is_empty() => colons += 1,
            other => {
                if !path.is_empty() {
                    found.push(std::mem::take(&mut path));
                }
                colons = 0;
                if let TokenTree::Group(group) = other {
                    found.extend(paths_in(group.stream()));
                }
            }
        }
    }
    if !path.is_empty() {
        found.push(path);
    }
    found
}
