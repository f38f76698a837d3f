//! A message with the places in the user's own text that it is about, as compilers show them.

use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet as Source, renderer::DecorStyle};

use super::plain::plain;
use crate::error::{Report, Snippet, redacted};

/// An error as a person reads it: message, places, the other program's last words, hints. One that is made of several is
/// shown as several, with an empty line between.
#[must_use]
pub fn describe(report: &dyn Report, color: bool) -> String {
    let parts = report.parts();
    if parts.is_empty() {
        return one(report, color);
    }
    parts.into_iter().map(|part| one(part, color)).collect::<Vec<_>>().join("\n")
}

fn one(report: &dyn Report, color: bool) -> String {
    let paint = super::Paint(color);
    let snippets: Vec<Snippet> = report.snippets().into_iter().map(|snippet| redact(without_c1(snippet))).collect();
    let mut text = render(&super::failure::sentence(report), &snippets, color);
    for line in report.output() {
        text.extend([&paint.dim("  |"), " ", &plain(&redacted(&line)), "\n"]);
    }
    for hint in report.hints() {
        text.extend([&paint.cyan("hint:"), " ", &plain(&redacted(&hint)), "\n"]);
    }
    text
}

/// `error: MESSAGE` with each snippet's line below. The first snippet is the main one; those of one file share its lines.
#[must_use]
pub fn render(message: &str, snippets: &[Snippet], color: bool) -> String {
    let title = Level::ERROR.primary_title(plain(message));
    let mut sources: Vec<(&Snippet, Vec<Annotation<'_>>)> = Vec::new();
    for (at, snippet) in snippets.iter().enumerate() {
        let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let label = Some(plain(&snippet.label)).filter(|label| !label.is_empty());
        let annotation = kind.span(within(snippet)).label(label);
        match sources.iter_mut().find(|(first, _)| first.path == snippet.path && first.text == snippet.text) {
            Some((_, annotations)) => annotations.push(annotation),
            None => sources.push((snippet, vec![annotation])),
        }
    }
    let source = |(first, annotations): (&'_ Snippet, Vec<_>)| {
        Source::source(first.text.clone()).path(plain(&first.path.display().to_string())).annotations(annotations)
    };
    let group = title.elements(sources.into_iter().map(source));
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
    text.push('\n');
    text
}

/// The renderer shows the controls of ASCII as pictures and lets those of Latin-1 through, which some terminals obey. What
/// stands for them has as many bytes, so that spans stay right.
fn without_c1(snippet: Snippet) -> Snippet {
    let text = snippet.text.chars().map(|c| if ('\u{80}'..='\u{9f}').contains(&c) { '·' } else { c }).collect();
    Snippet { text, ..snippet }
}

/// Without passwords. What stands for them has as many bytes, so that spans stay right.
fn redact(snippet: Snippet) -> Snippet {
    Snippet { text: redacted(&snippet.text), label: redacted(&snippet.label), ..snippet }
}

/// The span, cut to the text and to whole characters, so that no snippet can make the rendering of an error fail.
fn within(snippet: &Snippet) -> std::ops::Range<usize> {
    let fit = |at: usize| snippet.text.floor_char_boundary(at.min(snippet.text.len()));
    let start = fit(snippet.span.start);
    start..fit(snippet.span.end).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snippet(path: &str, text: &str, span: std::ops::Range<usize>, label: &str) -> Snippet {
        Snippet { path: path.into(), text: text.to_owned(), span, label: label.to_owned() }
    }

    #[test]
    fn places_of_one_file_share_its_lines() {
        let text = "[system]\nbase = \"debian:12\"\nimage = \"a\"\n";
        let snippets =
            [snippet("envctl.toml", text, 36..39, "an image too"), snippet("envctl.toml", text, 16..27, "a base")];
        insta::assert_snapshot!(render("`base` and `image` are both set", &snippets, false));
    }

    #[test]
    fn a_span_beyond_the_text_and_inside_a_character_is_cut() {
        let text = render("bad", &[snippet("é.toml", "é", 1..9, "")], false);
        assert!(text.contains("é.toml:1:1"), "{text}");
        assert!(render("bad", &[snippet("e.toml", "", 3..9, "x")], false).contains("error: bad"));
    }

    #[test]
    fn nothing_that_a_terminal_obeys_comes_through() {
        let text = render("a\u{1b}[31mb", &[snippet("e.toml", "k = \"\u{1b}[2J\"", 0..1, "\u{7}")], false);
        assert!(!text.contains(['\u{1b}', '\u{7}']), "{text:?}");
    }
}
