//! The errors of a download.

use super::{each_variant, shown};
use crate::download::DownloadError;

#[test]
fn errors_of_a_download() {
    let url = || "https://rows.example/matrix.tar.gz".to_owned();
    let errors = each_variant![DownloadError;
        Unreachable { url: url(), message: "connection refused".into() },
        Refused { url: url(), status: "404 Not Found".into() },
        TooLarge { url: url(), limit: 16 << 20 },
    ];
    insta::assert_snapshot!(shown(&errors));
}
