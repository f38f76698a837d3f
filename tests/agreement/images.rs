//! `nvidia/cuda` images: whether a tag exists, and its content.

use envctl::matrix::Matrix;
use serde::Deserialize;

use super::table::{Table, read};
use super::{Compared, Comparison};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    tag: String,
    cuda: String,
    /// The major version.
    cudnn: String,
    os: String,
}

/// The images that cog builds on.
pub fn cog(matrix: &Matrix) -> Compared {
    let table: Table<Row> = read("cog-images");
    let mut comparison = Comparison::of("cog-images", table.row.len());
    for row in &table.row {
        let of_nvidia = matrix.images().iter().filter(|image| image.repository == "nvidia/cuda");
        let Some(ours) = of_nvidia.clone().find(|image| image.tags.values().any(|tag| *tag == row.tag)) else {
            comparison.same(&row.tag, "tag", &row.tag, "");
            continue;
        };
        comparison.same(&row.tag, "cuda", &row.cuda, &ours.cuda.to_string());
        comparison.same(&row.tag, "os", &row.os, &ours.os);
        let major = ours.cudnn.as_ref().map(|cudnn| cudnn.major().to_string()).unwrap_or_default();
        comparison.same(&row.tag, "cudnn", &row.cudnn, &major);
    }
    comparison.compared
}
