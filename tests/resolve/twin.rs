//! The resolver's brute-force twin: it tests every combination of release, build, Python and base against the rules of
//! the design, and finds the best by one comparison. It is slow, short, and shares no code with the resolver.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use envctl::manifest::{Arch, Toolkit};
use envctl::matrix::Matrix;
use envctl::matrix::rows::{BuildRow, DistributionRow, FrameworkFile, Libraries, ReleaseRow};
use envctl::resolve::{Base, GpuWish, Request, TargetDriver};
use envctl::version::{ComputeCapability, CudaVersion, DriverVersion, PythonVersion};

/// What is compared: releases and variants, Python, image.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub frameworks: Vec<String>,
    pub python: String,
    pub image: String,
}

/// Greater is better: releases, then builds, then the base and its Python.
type Merit = (Vec<usize>, Vec<Reverse<usize>>, (bool, bool, bool, bool, bool, usize), PythonVersion);

type Pick<'a> = (usize, &'a ReleaseRow, &'a BuildRow, usize);

pub fn twin(request: &Request, matrix: &Matrix) -> Option<Answer> {
    let mut twin = Twin { request, matrix, arch: Arch::X86_64 };
    let tegra = twin.gpu() && request.target.gpus.iter().any(|gpu| twin.is_tegra(gpu.value.capability));
    let usual = if tegra { Arch::Aarch64 } else { Arch::X86_64 };
    twin.arch = request.target.arch.as_ref().map_or(usual, |arch| arch.value);
    if twin.driver_and_gpus_clash() {
        return None;
    }
    let files = request.frameworks.keys().map(|id| matrix.framework(id).unwrap()).collect::<Vec<_>>();
    let domains = files.iter().zip(request.frameworks.values()).map(|(file, wish)| {
        let asked = |release: &ReleaseRow| wish.version.value.accepts(&release.version);
        let gpu = twin.gpu() && wish.gpu;
        twin.picks(file, gpu).into_iter().filter(|pick| asked(pick.1) && twin.fits_alone(pick)).collect::<Vec<_>>()
    });
    let domains = domains.collect::<Vec<_>>();
    let mut best: Option<(Merit, Answer)> = None;
    each(&domains, &mut Vec::new(), &mut |picks| {
        let known = |pick: &Pick<'_>| {
            let bound = pick.2.cuda.is_none() || pick.2.libraries == Libraries::System || pick.2.shared.is_some();
            bound && (pick.1.requires.is_some() || pick.2.requires.is_some())
        };
        if picks.len() > 1 && !picks.iter().all(known) {
            return;
        }
        for (merit, answer) in twin.places(picks) {
            if best.as_ref().is_none_or(|(known, _)| merit > *known) {
                best = Some((merit, answer));
            }
        }
    });
    best.map(|(_, answer)| answer)
}

fn each<'a>(domains: &[Vec<Pick<'a>>], picks: &mut Vec<Pick<'a>>, visit: &mut impl FnMut(&[Pick<'a>])) {
    let Some(domain) = domains.get(picks.len()) else { return visit(picks) };
    for pick in domain {
        picks.push(*pick);
        each(domains, picks, visit);
        picks.pop();
    }
}

struct Twin<'a> {
    request: &'a Request,
    matrix: &'a Matrix,
    arch: Arch,
}

impl<'a> Twin<'a> {
    fn gpu(&self) -> bool {
        self.request.gpu != GpuWish::None
    }

    fn driver(&self) -> Option<&DriverVersion> {
        match &self.request.target.driver {
            TargetDriver::Version(driver) if self.gpu() => Some(&driver.value),
            _ => None,
        }
    }

    fn reaches(&self, floor: &DriverVersion) -> bool {
        self.driver().is_none_or(|driver| match driver.parts() {
            [branch] => *branch >= floor.major(),
            _ => driver >= floor,
        })
    }

    fn driver_and_gpus_clash(&self) -> bool {
        let Some(driver) = self.driver() else { return false };
        self.request.target.gpus.iter().any(|gpu| {
            let Some(row) = self.matrix.capability(gpu.value.capability) else { return false };
            row.last_driver.as_ref().is_some_and(|last| driver.major() > last.major())
                || row.first_driver.as_ref().is_some_and(|first| !self.reaches(first))
        })
    }

    /// Every build of the right kind, with its rank within its release.
    fn picks<'f>(&self, file: &'f FrameworkFile, gpu: bool) -> Vec<Pick<'f>> {
        let mut picks = Vec::new();
        for (place, release) in file.releases.iter().enumerate() {
            let kind = |build: &&BuildRow| build.cuda.is_some() == gpu;
            let builds = release.builds.iter().filter(kind).collect::<Vec<_>>();
            let default = builds.iter().position(|build| build.wheels.iter().any(|wheel| wheel.arch == self.arch));
            let rank = |build: &BuildRow| {
                let own = builds.iter().position(|other| other.variant == build.variant).unwrap();
                if Some(own) == default {
                    return 0;
                }
                let worth = |build: &BuildRow| (!build.unlisted, build.cuda.clone());
                let better = |(place, other): (usize, &&BuildRow)| {
                    Some(place) != default
                        && (worth(other) > worth(build) || worth(other) == worth(build) && place < own)
                };
                1 + builds.iter().enumerate().filter(|(place, other)| better((*place, *other))).count()
            };
            picks.extend(builds.iter().map(|build| (place, release, *build, rank(build))));
        }
        picks
    }

    fn fits_alone(&self, (_, release, build, _): &Pick<'_>) -> bool {
        let request = self.request;
        let day = build.uploaded.as_ref().or(release.released.as_ref());
        let late = |last: &str| day.is_none_or(|day| day.as_str() > last);
        if request.published.as_ref().is_some_and(|asked| late(asked.value.as_str())) {
            return false;
        }
        let has_wheel = build
            .wheels
            .iter()
            .any(|wheel| wheel.arch == self.arch && wheel.python.iter().any(|python| self.asks_for(python)));
        let Some(made) = build.cuda.as_ref().filter(|_| has_wheel) else { return has_wheel };
        let cuda = request.cuda.as_ref().is_none_or(|asked| made.within(&asked.value) || asked.value.within(made));
        let row = self.matrix.cuda().iter().rev().find(|row| made.within(&row.version) || row.version.within(made));
        let floor = build.driver_minimum.as_ref().or(row.map(|row| &row.driver_minimum));
        let code = request.target.gpus.iter().all(|gpu| self.has_code(build, made, gpu.value.capability));
        cuda && self.cudnn_fits(build) && code && floor.is_none_or(|floor| self.reaches(floor))
    }

    fn is_tegra(&self, capability: ComputeCapability) -> bool {
        self.matrix.capabilities().iter().any(|row| row.capability == capability && row.tegra)
    }

    fn has_code(&self, build: &BuildRow, cuda: &CudaVersion, gpu: ComputeCapability) -> bool {
        let alone = |compiled| self.is_tegra(compiled) || self.is_tegra(gpu);
        let runs = |compiled: ComputeCapability| {
            compiled == gpu || compiled.major == gpu.major && compiled.minor <= gpu.minor && !alone(compiled)
        };
        if self.is_tegra(gpu) && self.arch != Arch::Aarch64 {
            return false;
        }
        if build.capabilities.is_empty() {
            let known = self.matrix.capabilities().iter();
            return known.filter(|row| row.has_cuda(cuda)).any(|row| runs(row.capability));
        }
        build.capabilities.iter().any(|compiled| runs(*compiled))
    }

    /// Pinned by the manifest: what the build is made for, or what its open range takes. And an open range must leave a
    /// cuDNN with kernels for every GPU: in the fixture those are the ones before 9.11.
    fn cudnn_fits(&self, build: &BuildRow) -> bool {
        let open = build
            .shared
            .iter()
            .flatten()
            .find(|(name, range)| name.starts_with("nvidia-cudnn") && !range.starts_with("=="));
        let old = self.request.target.gpus.iter().any(|gpu| gpu.value.capability < "7.5".parse().unwrap());
        if old && open.is_some_and(|(_, range)| !possible(&[range, "<9.11"])) {
            return false;
        }
        let (Some(asked), Some(made)) = (&self.request.cudnn, &build.cudnn) else { return true };
        let asked = &asked.value;
        let prefix = format!("=={asked}.*");
        made.within(asked) || asked.within(made) || open.is_some_and(|(_, range)| possible(&[range, &prefix]))
    }

    /// Of the cuDNN packages: one CUDA major, and a version in all ranges. Of any other package: a version in all ranges.
    fn agree(picks: &[Pick<'_>], python: &PythonVersion) -> bool {
        let mut others: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (_, release, build, _) in picks {
            let rows = build.requires.as_ref().or(release.requires.as_ref()).into_iter().flatten();
            for row in rows.filter(|row| row.python.is_empty() || row.python.contains(python)) {
                row.packages.iter().for_each(|(name, range)| others.entry(name).or_default().push(range));
            }
        }
        if !others.values().all(|ranges| possible(ranges)) {
            return false;
        }
        let cudnn = |pick: &Pick<'_>| {
            let pins = pick.2.shared.iter().flatten();
            pins.map(|(name, range)| (name.clone(), range.clone())).find(|(name, _)| name.starts_with("nvidia-cudnn"))
        };
        let asked = picks.iter().filter_map(cudnn).collect::<Vec<_>>();
        let one_name = asked.windows(2).all(|pair| pair[0].0 == pair[1].0);
        let ranges = asked.iter().map(|(_, range)| range.as_str()).collect::<Vec<_>>();
        one_name && possible(&ranges)
    }

    fn places(&self, picks: &[Pick<'a>]) -> Vec<(Merit, Answer)> {
        let request = self.request;
        let named = match &request.base {
            Base::Distribution(id) => Some(id.value.as_str()),
            _ => None,
        };
        let rows = self.matrix.distributions().iter().enumerate();
        let rows = rows.filter(|(_, row)| match named {
            Some(id) => row.id == id,
            None => row.lts && row.id.starts_with("ubuntu:"),
        });
        let mut places = Vec::new();
        for (age, row) in rows.filter(|(_, row)| row.arch.contains(&self.arch)) {
            let pythons = (4..20).map(|minor| format!("3.{minor}").parse::<PythonVersion>().unwrap());
            let pythons = pythons.filter(|python| self.installs(picks, python, row)).collect::<Vec<_>>();
            let Some(newest) = pythons.last() else { continue };
            let own = row.python.clone().filter(|own| pythons.contains(own));
            let python = own.clone().unwrap_or_else(|| newest.clone());
            let no_python = own.is_none() && python < envctl::matrix::uv().oldest_python;
            let Some((image, gone, python)) = self.image(picks, row, python, named.is_some()) else { continue };
            let own_image = image.starts_with("tensorflow/");
            let usable = !gone && (own_image || !no_python);
            let needs = picks.iter().any(|pick| pick.2.libraries == Libraries::System);
            let brings = !needs || image != row.image;
            let current = row.end_of_life.as_deref().is_none_or(|day| "2026-11-21" <= day);
            let ships = own.is_some() && !own_image;
            let merit = (
                picks.iter().map(|pick| pick.0).collect(),
                picks.iter().map(|pick| Reverse(pick.3)).collect(),
                (usable, brings, own.is_some() || !no_python, current, ships, age),
                python.clone(),
            );
            let ids = request.frameworks.keys().zip(picks);
            let frameworks = ids.map(|(id, pick)| format!("{id} {} {}", pick.1.version, pick.2.variant)).collect();
            places.push((merit, Answer { frameworks, python: python.to_string(), image }));
        }
        places
    }

    fn asks_for(&self, python: &PythonVersion) -> bool {
        let Request { python: asked, requires_python, .. } = self.request;
        [asked, requires_python].into_iter().flatten().all(|asked| asked.value.accepts(python))
    }

    fn installs(&self, picks: &[Pick<'_>], python: &PythonVersion, row: &DistributionRow) -> bool {
        self.asks_for(python)
            && Self::agree(picks, python)
            && picks.iter().all(|pick| {
                let fits = |wheel: &&envctl::matrix::rows::WheelRow| {
                    wheel.arch == self.arch && wheel.python.contains(python) && wheel.glibc <= row.glibc
                };
                pick.2.wheels.iter().any(|wheel| fits(&wheel))
            })
    }

    /// The image, whether it is gone, and the Python in it.
    fn image(
        &self,
        picks: &[Pick<'_>],
        row: &DistributionRow,
        python: PythonVersion,
        named: bool,
    ) -> Option<(String, bool, PythonVersion)> {
        let request = self.request;
        let toolkit = request.toolkit.as_ref().map_or(Toolkit::None, |toolkit| toolkit.value);
        let system = picks.iter().map(|pick| pick.2).filter(|build| build.libraries == Libraries::System);
        let system = system.collect::<Vec<_>>();
        let floor = |build: &&BuildRow| {
            let made = build.cuda.as_ref().unwrap();
            let row = self.matrix.cuda_release(made).unwrap();
            (build.driver_minimum.clone().unwrap_or_else(|| row.driver_minimum.clone()), row.version.clone())
        };
        let main = picks.iter().map(|pick| pick.2).filter(|build| build.cuda.is_some()).max_by_key(floor);
        let cuda = system.iter().filter_map(|build| build.cuda.as_ref()).max();
        let cuda = cuda.or(main.and_then(|build| build.cuda.as_ref()).filter(|_| toolkit != Toolkit::None));
        let Some(cuda) = cuda else { return Some((row.image.clone(), false, python)) };
        let cuda = request.cuda.as_ref().map(|asked| &asked.value).filter(|asked| asked.within(cuda)).unwrap_or(cuda);
        let cudnn = system.iter().filter_map(|build| build.cudnn.as_ref()).max();
        let cudnn = cudnn.or(request.cudnn.as_ref().map(|asked| &asked.value));
        let coherent = system.iter().all(|build| {
            let made = build.cuda.as_ref().unwrap();
            let libraries = cuda.within(made) || cuda.major() == made.major() && made.major() >= 11;
            libraries && build.cudnn.as_ref().is_none_or(|made| cudnn.unwrap().major() == made.major())
        });
        if !coherent {
            return None;
        }
        let flavour = if toolkit == Toolkit::Devel { "devel" } else { "runtime" };
        let key = if cudnn.is_some() { format!("cudnn-{flavour}") } else { flavour.to_owned() };
        let images = || {
            let all = self.matrix.images().iter();
            all.filter(|image| image.os == row.id && image.cuda.within(cuda) && image.arch.contains(&self.arch))
        };
        let serves = |image: &&envctl::matrix::rows::ImageRow| {
            let Some(cudnn) = cudnn else { return true };
            let Some(brought) = &image.cudnn else { return false };
            let row = self.matrix.cudnn_release(brought);
            let kernels = row.is_none_or(|row| request.target.gpus.iter().all(|gpu| row.serves(gpu.value.capability)));
            (kernels || !self.gpu()) && (brought.within(cudnn) || brought.major() == cudnn.major() && brought >= cudnn)
        };
        let plain = images().filter(|image| image.framework.is_none() && image.tags.contains_key(&key)).filter(serves);
        let best = plain.max_by_key(|image| {
            let exact = cudnn.is_none_or(|cudnn| image.cudnn.as_ref().unwrap().within(cudnn));
            (image.unbuildable.is_none(), exact, image.cuda.clone())
        });
        if best.is_none_or(|image| image.unbuildable.is_some())
            && let [pick] = picks
        {
            let held = format!("{} {}", request.frameworks.keys().next().unwrap(), pick.1.version);
            let line = format!("{}.", held.splitn(3, '.').take(2).collect::<Vec<_>>().join("."));
            let of_line = |image: &&envctl::matrix::rows::ImageRow| {
                image.framework.as_ref().is_some_and(|framework| framework.starts_with(&line)) && serves(image)
            };
            let own =
                images().find(|image| image.framework.as_ref() == Some(&held)).or_else(|| images().rfind(of_line));
            let fits = |python: &PythonVersion| self.installs(picks, python, row);
            if let Some(own) = own.filter(|own| own.python.as_ref().is_some_and(fits))
                && let Some(tag) = own.tags.get(&format!("cudnn-{flavour}"))
            {
                return Some((format!("{}:{tag}", own.repository), false, own.python.clone().unwrap()));
            }
        }
        match best {
            Some(image) => {
                Some((format!("{}:{}", image.repository, image.tags[&key]), image.unbuildable.is_some(), python))
            }
            None if named || toolkit != Toolkit::None => None,
            None => Some((row.image.clone(), true, python)),
        }
    }
}

/// Whether a version is in all ranges, tried on every version that anybody in the fixture could mean.
fn possible(ranges: &[&str]) -> bool {
    let ranges = ranges.iter().map(|range| range.parse::<pep440_rs::VersionSpecifiers>().unwrap()).collect::<Vec<_>>();
    let minors = (0..3).map(|minor| format!("8.{}", minor + 6)).chain((0..20).map(|minor| format!("9.{minor}")));
    let shared = ["1.25.2", "1.26.4", "2.0.2", "2.1.3", "3.6.6", "4.5.0", "4.10.0", "4.15.0"];
    let exact = ["8.6.0.163", "8.9.2.26", "8.9.4.25", "9.1.0.70", "9.5.1.17", "9.10.2.21", "9.13.0.50"];
    let exact = exact.into_iter().chain(shared).map(str::to_owned);
    let mut versions = minors.chain(exact).map(|text| text.parse::<pep440_rs::Version>().unwrap());
    versions.any(|version| ranges.iter().all(|range| range.contains(&version)))
}
