//! Habits of the code that no compiler and no lint checks.

use crate::text::files_with_extension;

#[test]
fn every_doc_comment_says_more_than_a_question_or_a_name() {
    let questions = ["Which", "Where", "What", "Whose", "How", "Why", "When", "Who"];
    let articles = ["The", "Its", "A", "An"];
    let says_nothing = |line: &str| {
        let said = line.trim().strip_prefix("/// ").and_then(|text| text.strip_suffix('.'));
        said.is_some_and(|words| match words.split(' ').collect::<Vec<_>>()[..] {
            [word] => questions.contains(&word),
            [article, _] => articles.contains(&article),
            _ => false,
        })
    };
    for (file, text) in files_with_extension(&["src"], "rs") {
        let found = text.lines().position(says_nothing);
        assert_eq!(found, None, "{}: say what it is, or nothing", file.display());
    }
}

/// A unit test that reads the developer's variables passes on one machine and fails on another.
#[test]
fn only_the_program_reads_the_process_it_runs_in() {
    for (file, text) in files_with_extension(&["src"], "rs") {
        let is_seam = ["src/lib.rs", "src/system/mod.rs"].iter().any(|seam| file.ends_with(seam));
        assert!(is_seam || !text.contains("System::of_process"), "{}: use `System::for_tests`", file.display());
    }
}
