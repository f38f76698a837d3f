//! A message with the place in the user's own text that it is about, as compilers show it.
//!
//! The user sees the line to change together with the problem.

use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet as Source, renderer::DecorStyle};

use super::Paint;
use super::page::Page;
use super::plain::{plain, with_own_colors};
use super::table::wrap;
use crate::error::{Report, Snippet};
use crate::text::redacted;

/// Describes an error for people: message, places, another program's last lines, hints. An error with several parts
/// is shown as several, with an empty line between them.
#[must_use]
pub fn describe(report: &dyn Report, color: bool) -> String {
    describe_on(Page { width: None, paint: Paint(color) }, report)
}

/// As [`describe`], with messages and hints that wrap at words.
pub(super) fn describe_on(page: Page, report: &dyn Report) -> String {
    let parts = report.parts();
    if parts.is_empty() {
        return one(page, report);
    }
    parts.into_iter().map(|part| one(page, part)).collect::<Vec<_>>().join("\n")
}

fn one(page: Page, report: &dyn Report) -> String {
    let snippets: Vec<Snippet> = report.snippets().into_iter().map(|snippet| redact(without_c1(snippet))).collect();
    let words = super::failure::words(report);
    let mut text = render(page, &words.sentence, &snippets);
    text.extend(words.list.iter().map(|item| page.list_item("  |", item)));
    for line in words.output {
        text.extend([&page.paint.dim("  |"), " ", &plain(&line), "\n"]);
    }
    text.extend(words.hints.iter().map(|hint| page.hint("", hint)));
    text
}

/// Lays out `error: MESSAGE` with the lines of each snippet below. The first snippet is the main one; snippets of one
/// file share its lines.
fn render(page: Page, message: &str, snippets: &[Snippet]) -> String {
    let message = wrap(&plain(message), page.room("error:").unwrap_or(usize::MAX)).join("\n");
    let title = Level::ERROR.primary_title(message);
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
    let Paint(color) = page.paint;
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let text = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
    with_own_colors(&text) + "\n"
}

/// Replaces the control characters of Latin-1. The renderer shows those of ASCII as symbols and lets these through,
/// which some terminals obey. The replacement has the same number of bytes, so spans stay valid.
fn without_c1(snippet: Snippet) -> Snippet {
    let text = snippet.text.chars().map(|c| if ('\u{80}'..='\u{9f}').contains(&c) { '·' } else { c }).collect();
    Snippet { text, ..snippet }
}

/// Replaces passwords. The replacement has the same number of bytes, so spans stay valid.
fn redact(snippet: Snippet) -> Snippet {
    Snippet { text: redacted(&snippet.text), label: redacted(&snippet.label), ..snippet }
}

/// Returns the span within the text and at whole characters, so that no snippet makes the rendering of an error fail.
fn within(snippet: &Snippet) -> std::ops::Range<usize> {
    let fit = |at: usize| snippet.text.floor_char_boundary(at.min(snippet.text.len()));
    let start = fit(snippet.span.start);
    start..fit(snippet.span.end).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Page = Page { width: None, paint: Paint(false) };

    fn snippet(path: &str, text: &str, span: std::ops::Range<usize>, label: &str) -> Snippet {
        Snippet { path: path.into(), text: text.to_owned(), span, label: label.to_owned() }
    }

    #[test]
    fn places_of_one_file_share_its_lines() {
        let text = "[system]\nbase = \"debian:12\"\nimage = \"a\"\n";
        let snippets =
            [snippet("envctl.toml", text, 36..39, "an image too"), snippet("envctl.toml", text, 16..27, "a base")];
        insta::assert_snapshot!(render(PLAIN, "`base` and `image` are both set", &snippets));
    }

    #[test]
    fn a_span_beyond_the_text_and_inside_a_character_is_cut() {
        let text = render(PLAIN, "bad", &[snippet("é.toml", "é", 1..9, "")]);
        assert!(text.contains("é.toml:1:1"), "{text}");
        assert!(render(PLAIN, "bad", &[snippet("e.toml", "", 3..9, "x")]).contains("error: bad"));
    }

    #[test]
    fn nothing_that_a_terminal_obeys_comes_through() {
        let text = render(PLAIN, "a\u{1b}[31mb", &[snippet("e.toml", "k = \"\u{1b}[2J\"", 0..1, "\u{7}")]);
        assert!(!text.contains(['\u{1b}', '\u{7}']), "{text:?}");
    }
}
