//! Explains why a resolution that fits cannot be built today.
//!
//! The facts fit, but a package or an image is not available any more.

use crate::resolve::{SourceLack, Unbuildable};

/// Describes the reason without its full stop: `mindspore 2.0.0: its makers do not serve it any more`.
pub(in crate::ui) fn unbuildable(Unbuildable { release, lack }: &Unbuildable) -> String {
    let why = source_lack(lack);
    match release {
        Some((framework, version)) => format!("{framework} {version}: {why}"),
        None => why,
    }
}

/// Describes the reason where the release is shown next to it.
pub(in crate::ui) fn source_lack(lack: &SourceLack) -> String {
    match lack {
        SourceLack::Gone(note) => note.clone(),
        SourceLack::Python { distribution, python } => {
            format!("{distribution} does not ship Python {python}, and nobody else builds it any more")
        }
        SourceLack::Image { cuda, cudnn } => {
            let cudnn = cudnn.as_ref().map(|cudnn| format!(" with cuDNN {cudnn}")).unwrap_or_default();
            format!("no published image brings the libraries of CUDA {cuda}{cudnn}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_named() {
        let gone = || SourceLack::Gone("its makers do not serve it any more".to_owned());
        let release = Some(("mindspore".parse().unwrap(), "2.0.0".parse().unwrap()));
        let python = SourceLack::Python { distribution: "ubuntu:22.04".to_owned(), python: "3.6".parse().unwrap() };
        let image = |cudnn: Option<&str>| SourceLack::Image {
            cuda: "10.2".parse().unwrap(),
            cudnn: cudnn.map(|cudnn| cudnn.parse().unwrap()),
        };
        let base = |lack| Unbuildable { release: None, lack };
        let all = [
            Unbuildable { release, lack: gone() },
            base(gone()),
            base(python),
            base(image(None)),
            base(image(Some("7"))),
        ];
        insta::assert_snapshot!(all.iter().map(unbuildable).collect::<Vec<_>>().join("\n"), @r"
        mindspore 2.0.0: its makers do not serve it any more
        its makers do not serve it any more
        ubuntu:22.04 does not ship Python 3.6, and nobody else builds it any more
        no published image brings the libraries of CUDA 10.2
        no published image brings the libraries of CUDA 10.2 with cuDNN 7
        ");
    }
}
