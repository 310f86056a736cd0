//! What the derive accepts and refuses, and the words that it refuses it with.
#![forbid(unsafe_code)]

/// The compiler that the expected messages come from. Other versions word their own parts differently.
const COMPILER: &str = "1.95.0";

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = std::process::Command::new(rustc).arg("--version").output().map(|out| out.stdout).unwrap_or_default();
    let version = String::from_utf8_lossy(&version);
    if version.split(' ').nth(1) == Some(COMPILER) {
        for topic in ["attribute", "duplicate", "predicate", "reconciler", "relation", "shape"] {
            cases.compile_fail(format!("ui/{topic}/*.rs"));
        }
    } else {
        let skipped = format!("the words of compile errors are those of rustc {COMPILER}, and this is {version}");
        // `.ci/run` demands it: a suite that is skipped in silence proves nothing.
        assert!(std::env::var_os("STEERSMAN_UI").is_none_or(|value| value != "required"), "{skipped}");
        eprintln!("\n*** NOT CHECKED: {skipped}");
    }
}
