//! Measures how the time to resolve grows with the matrix and with the number of machines: `scripts/bench resolve`.
//!
//! It has its own harness because the result is a ratio of sizes: each round measures every size once, so that other
//! work on the machine affects all of them alike. `criterion` and `divan` measure one case after the other.

#![expect(clippy::disallowed_macros, reason = "the table goes to standard output")]

mod questions;
mod scale;

use std::hint::black_box;
use std::time::{Duration, Instant};

use envctl::matrix::Matrix;
use envctl::resolve::{Answers, Request, resolve};
use questions::{QUESTIONS, lab};
use scale::scaled;
use serde_json::{Map, Value, json};

const TIMES: [u64; 3] = [1, 10, 100];
const HOSTS: [usize; 3] = [1, 100, 1000];
const ROUNDS: usize = 15;

/// A cell whose first run took longer than this is not run again in every round.
const SLOW: Duration = Duration::from_millis(300);

/// What takes less is run several times in a row.
const SHORTEST: Duration = Duration::from_millis(2);

fn main() {
    let arguments = std::env::args().collect::<Vec<_>>();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    // `cargo test --benches` wants to know whether it runs, not how fast.
    if !has("--bench") {
        return;
    }
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(ROUNDS);
    let json = has("--json");
    let mut document = Map::new();
    let mut tell = |name: &str, figures: &[Figure]| {
        if json {
            let sizes = TIMES.iter().zip(figures).map(|(times, figure)| (times.to_string(), figure.document()));
            document.insert(name.to_owned(), Value::Object(sizes.collect()));
        } else {
            println!("{}", line(name, figures));
        }
    };
    if !json {
        println!(
            "{:40}{}",
            "ms: median (lowest), median to x 1",
            TIMES.map(|times| format!("{:>29}", format!("matrix x {times}"))).concat()
        );
    }
    measure(rounds, &mut tell);
    if json {
        println!("{}", Value::Object(document));
    }
}

fn measure(rounds: usize, tell: &mut dyn FnMut(&str, &[Figure])) {
    let matrices = TIMES.map(|times| scaled(&Matrix::embedded(), times));
    for question in &QUESTIONS {
        let requests = matrices.each_ref().map(|matrix| question.request(matrix));
        for (request, matrix) in requests.iter().zip(&matrices) {
            assert_eq!(resolve(request, matrix).is_ok(), question.fits, "{}", question.name);
        }
        let ask = |index: usize| drop(black_box(resolve(black_box(&requests[index]), &matrices[index])));
        tell(question.name, &measured(rounds, &ask));
    }
    for (kind, all_different) in [("of a lab", false), ("all different", true)] {
        for hosts in HOSTS {
            let requests = matrices.each_ref().map(|matrix| lab(matrix, hosts, all_different));
            let ask = |index: usize| answer_all(&requests[index], &matrices[index]);
            let name = if hosts == 1 { "1 host".to_owned() } else { format!("{hosts} hosts") };
            tell(&format!("{name} {kind}"), &measured(rounds, &ask));
        }
    }
}

fn answer_all(requests: &[Request], matrix: &Matrix) {
    let answers = Answers::of(matrix);
    for request in requests {
        drop(black_box(answers.answer(black_box(request))));
    }
}

/// The times of one run, in milliseconds.
struct Figure {
    median: f64,
    lowest: f64,
}

impl Figure {
    fn of(times: &mut [Duration]) -> Self {
        times.sort();
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        Self { median: milliseconds(times[times.len() / 2]), lowest: milliseconds(times[0]) }
    }

    fn document(&self) -> Value {
        json!({"median_ms": self.median, "lowest_ms": self.lowest})
    }
}

/// What one run takes at each size, measured in rounds.
fn measured(rounds: usize, ask: &dyn Fn(usize)) -> Vec<Figure> {
    let first = (0..TIMES.len()).map(|index| timed(1, index, ask)).collect::<Vec<_>>();
    let mut all = first.iter().map(|first| vec![*first]).collect::<Vec<_>>();
    for round in 1..rounds {
        for (index, first) in first.iter().enumerate() {
            if *first < SLOW || round % 5 == 0 {
                let runs = SHORTEST.as_nanos() / first.as_nanos().max(1);
                all[index].push(timed(u32::try_from(runs.clamp(1, 100)).unwrap_or(1), index, ask));
            }
        }
    }
    all.iter_mut().map(|times| Figure::of(times)).collect()
}

fn timed(runs: u32, index: usize, ask: &dyn Fn(usize)) -> Duration {
    let begun = Instant::now();
    for _ in 0..runs {
        ask(index);
    }
    begun.elapsed() / runs
}

fn line(name: &str, figures: &[Figure]) -> String {
    let cell = |figure: &Figure| {
        let ratio = figure.median / figures[0].median;
        format!("{:>29}", format!("{:.3} ({:.3}) {ratio:>7.1}", figure.median, figure.lowest))
    };
    format!("{name:40}{}", figures.iter().map(cell).collect::<String>())
}
