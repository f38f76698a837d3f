//! The reasons why nothing could be proven.

use crate::error::Report;

/// The programs did not run.
#[derive(Debug, thiserror::Error)]
pub(super) enum VerifyError {
    /// The image has no input for the programs: another envctl built it, or it has no Python packages.
    #[error("the environment's image has nothing to verify")]
    NoProof,
    /// A program ended before its end.
    #[error("the look into the environment ended with exit code {code}")]
    Ended { code: i64, said: Vec<String> },
}

impl Report for VerifyError {
    fn kind(&self) -> &'static str {
        match self {
            Self::NoProof => "no-proof",
            Self::Ended { .. } => "verify-ended",
        }
    }

    fn hints(&self) -> Vec<String> {
        match self {
            Self::NoProof => vec!["`envctl up` builds it again where an older envctl built it".to_owned()],
            Self::Ended { .. } => Vec::new(),
        }
    }

    fn output(&self) -> Vec<String> {
        match self {
            Self::NoProof => Vec::new(),
            Self::Ended { said, .. } => said.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::VerifyError;
    use crate::ui::shown_errors::{each_variant, shown_errors};

    #[test]
    fn errors_of_verify() {
        let errors = each_variant![VerifyError;
            NoProof {},
            Ended { code: 1, said: vec!["Traceback (most recent call last):".to_owned()] },
        ];
        insta::assert_snapshot!(shown_errors(&errors));
    }
}
