//! Every `envctl` command in a hint, a document or a comment exists, with the options that the text gives it.

use std::path::Path;

use clap::Parser;
use clap::error::ErrorKind;
use envctl::cli::Cli;

use crate::text::files_with_extension;

#[test]
fn every_command_that_is_named_exists() {
    let mut named = Vec::new();
    for (file, text) in files_with_extension(&["src", "templates"], "rs") {
        named.extend(quoted(&text).map(|command| (file.clone(), command)));
    }
    for (file, text) in
        files_with_extension(&["README.md", "ARCHITECTURE.md", "docs", "examples", "fuzz/README.md"], "md")
    {
        named.extend(quoted(&text).chain(typed(&text)).map(|command| (file.clone(), command)));
    }
    assert!(named.iter().any(|(file, _)| file == Path::new("README.md")), "the search finds nothing in the README");
    let wrong: Vec<_> =
        named.iter().filter_map(|(file, command)| refusal(command).map(|why| (file, command, why))).collect();
    let lines: Vec<_> =
        wrong.iter().map(|(file, command, why)| format!("{}: `{command}`: {why}", file.display())).collect();
    assert!(lines.is_empty(), "commands that do not exist:\n{}", lines.join("\n"));
}

/// Commands in backticks: `envctl …`.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    let spans = text.split("`envctl ").skip(1).filter_map(|rest| rest.split_once('`'));
    // A manifest key with that name has a value, and a span across a line's end in code is text.
    spans
        .map(|(command, _)| command)
        .filter(|command| !command.starts_with('=') && !command.contains('\n'))
        .map(str::to_owned)
}

/// Commands in a block of typed lines: `$ envctl …`, or a line without a prompt.
fn typed(text: &str) -> impl Iterator<Item = String> {
    let mut in_block = false;
    let lines = text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        in_block && !is_fence
    });
    let commands = lines.filter_map(|line| line.trim().trim_start_matches("$ ").strip_prefix("envctl "));
    commands.map(str::to_owned)
}

/// The reason why the program refuses a command.
fn refusal(command: &str) -> Option<String> {
    let command = command.split(['|', '#', '>', '<', ';']).next().unwrap_or_default();
    let command = command.split("&&").next().unwrap_or_default();
    let words = shlex::split(&command.replace("{verb}", "up").replace("\\\"", "\"")).unwrap_or_default();
    let words = words.into_iter().map(|word| word.trim_matches(['[', ']', '…']).to_owned());
    let words: Vec<_> = words.filter(|word| !word.is_empty() && !word.starts_with('{')).collect();
    let names_an_option = words.last().is_some_and(|word| word.starts_with("--"));
    let error = Cli::try_parse_from(std::iter::once("envctl".to_owned()).chain(words)).err()?;
    // A document can name an option without its value.
    let lacks_value = names_an_option && error.kind() == ErrorKind::InvalidValue;
    let is_known = lacks_value
        || matches!(
            error.kind(),
            ErrorKind::DisplayHelp
                | ErrorKind::DisplayVersion
                | ErrorKind::MissingRequiredArgument
                | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        );
    (!is_known).then(|| error.to_string().lines().next().unwrap_or_default().to_owned())
}
