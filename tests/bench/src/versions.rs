//! The versions of what was measured, out of the files that pin them and from the toolchains themselves.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// Crates whose version matters.
const CRATES: [&str; 5] = ["kube", "kube-runtime", "k8s-openapi", "tokio", "steersman"];
/// Go modules, by the end of their path.
const MODULES: [&str; 3] = ["sigs.k8s.io/controller-runtime", "k8s.io/client-go", "k8s.io/kubernetes"];
/// Java artifacts, and what their version is that of.
const ARTIFACTS: [(&str, &str); 2] =
    [("operator-framework-core", "Java Operator SDK"), ("generator-annotations", "fabric8")];

/// All that can be found out; what cannot is left out. `root` is the folder of the workspace.
pub(crate) fn collect(root: &Path) -> BTreeMap<String, String> {
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let mut versions = BTreeMap::new();
    let lock = read("Cargo.lock");
    versions.extend(CRATES.iter().filter_map(|name| Some((*name, in_lock(&lock, name)?))));
    for file in ["tests/control-plane/go/go.mod", "tests/bench/peers/controller-runtime/go.mod"] {
        let text = read(file);
        versions.extend(MODULES.iter().filter_map(|name| Some((*name, in_go_mod(&text, name)?))));
    }
    let pom = read("tests/bench/peers/josdk/pom.xml");
    versions.extend(ARTIFACTS.iter().filter_map(|(artifact, name)| Some((*name, in_pom(&pom, artifact)?))));
    for (program, argument) in [("rustc", "--version"), ("go", "version"), ("java", "--version")] {
        versions.extend(said(program, argument).map(|version| (program, version)));
    }
    versions.into_iter().map(|(name, version)| (name.to_owned(), version)).collect()
}

fn in_lock(lock: &str, name: &str) -> Option<String> {
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

fn in_go_mod(text: &str, module: &str) -> Option<String> {
    let line = |line: &str| {
        let (name, version) = line.trim().trim_start_matches("require ").split_once(" v")?;
        (name == module).then(|| version.split(' ').next().unwrap_or(version).to_owned())
    };
    text.lines().find_map(line)
}

/// The version of an artifact, or of the property that it names.
fn in_pom(pom: &str, artifact: &str) -> Option<String> {
    let between = |text: &str, tag: &str| {
        let rest = text.split_once(&format!("<{tag}>"))?.1;
        Some(rest.split_once(&format!("</{tag}>"))?.0.trim().to_owned())
    };
    let (_, rest) = pom.split_once(&format!("<artifactId>{artifact}</artifactId>"))?;
    let version = between(rest.split_once("</dependency>")?.0, "version")?;
    match version.strip_prefix("${").and_then(|name| name.strip_suffix('}')) {
        Some(property) => between(pom, property),
        None => Some(version),
    }
}

/// The first number with dots that a program says about itself.
fn said(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).stderr(Stdio::null()).output().ok()?;
    first_version(&String::from_utf8_lossy(&output.stdout))
}

fn first_version(text: &str) -> Option<String> {
    let words = text.split_whitespace().map(|word| word.trim_start_matches(|c: char| c.is_ascii_alphabetic()));
    let mut versions = words.filter(|word| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit()));
    versions.next().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{first_version, in_go_mod, in_lock, in_pom};

    #[test]
    fn versions_are_found_where_they_are_pinned() {
        let lock = "[[package]]\nname = \"kube-runtime\"\nversion = \"4.0.0\"\n\n[[package]]\nname = \"kube\"\nversion = \"5.0.0\"\n";
        assert_eq!(in_lock(lock, "kube").as_deref(), Some("5.0.0"));
        assert_eq!(in_lock(lock, "tokio"), None);
        let module = "module x\n\ngo 1.26\n\nrequire (\n\tk8s.io/client-go v0.37.0\n\tk8s.io/client-go/tools v9.9.9 // indirect\n)\n";
        assert_eq!(in_go_mod(module, "k8s.io/client-go").as_deref(), Some("0.37.0"));
        assert_eq!(in_go_mod("require k8s.io/api v1.2.3 // indirect\n", "k8s.io/api").as_deref(), Some("1.2.3"));
        let pom = "<properties><sdk.version>5.2.3</sdk.version></properties>\
            <dependency><artifactId>operator-framework</artifactId>\n<version>${sdk.version}</version></dependency>\
            <dependency><artifactId>other</artifactId></dependency><dependency><version>1</version></dependency>";
        assert_eq!(in_pom(pom, "operator-framework").as_deref(), Some("5.2.3"));
        assert_eq!(in_pom(pom, "other"), None, "the version of another one");
        assert_eq!(first_version("go version go1.26.8 linux/amd64").as_deref(), Some("1.26.8"));
        assert_eq!(first_version("openjdk 17.0.15 2025-04-15").as_deref(), Some("17.0.15"));
    }
}
