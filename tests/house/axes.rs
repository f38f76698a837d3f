//! The code of one axis of the resolver is in the axis's own file.

use std::collections::BTreeSet;

use crate::source::sources;
use crate::uses::Modules;

/// The directories that tell axes apart: their own files, and their words.
const HOMES: [&str; 2] = ["src/resolve/axis", "src/ui/words"];

/// Other files that name an axis, with the reason.
const NAMED: [(&str, &[&str], &str); 5] = [
    ("src/resolve/diagnosis.rs", &["Cuda"], "a CUDA that was read off `nvidia-smi` is explained"),
    ("src/resolve/minimal.rs", &["Driver", "Gpu"], "a driver that does not run a GPU is a clash whatever is installed"),
    ("src/resolve/step.rs", &["Driver", "Line", "Release"], "a way out leaves open what it changes"),
    ("src/resolve/verdict.rs", &["Devices"], "a release without a GPU build has no build that an axis could object to"),
    ("src/resolve/ways_out.rs", &["Driver", "Gpu"], "another driver and other GPUs take a search of their own"),
];

#[test]
fn an_axis_is_named_in_its_own_file_alone() {
    let modules = Modules::of_library();
    for source in sources().iter().filter(|source| !source.is_in(&HOMES)) {
        let own = modules.own(source);
        let variants = own.iter().filter_map(|path| {
            let place = path.iter().position(|segment| segment == "Axis")?;
            path.get(place + 1).map(String::as_str)
        });
        let known = NAMED.iter().find(|(file, ..)| source.path.as_os_str() == *file).map(|(_, axes, _)| *axes);
        let known = known.unwrap_or_default().iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(variants.collect::<BTreeSet<_>>(), known, "{}", source.path.display());
    }
}
