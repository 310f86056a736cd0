//! The programs that the parts run: ours, built with Go on first use, or those of `KUBEBUILDER_ASSETS`.

use std::{
    env, fs,
    fs::{File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use sha2::{Digest as _, Sha256};

use crate::{Error, Part, credentials::hex, group::Group, logs};

/// The Go program, as it is written into the folder where it is built.
const SOURCES: [(&str, &str); 3] = [
    ("go.mod", include_str!("../go/go.mod")),
    ("go.sum", include_str!("../go/go.sum")),
    ("main.go", include_str!("../go/main.go")),
];
const KUBERNETES: &str = "1.37.2";
const NAME: &str = "control-plane";
const OLDEST_GO: (u32, u32) = (1, 26);
const REPORT_EVERY: Duration = Duration::from_secs(5);

/// Where each part's program lies.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    own: Option<PathBuf>,
    assets: Option<PathBuf>,
}

impl Programs {
    /// Finds the programs for the parts, building ours if it is needed and was not built yet. Blocks.
    pub(crate) fn find(parts: &[Part], assets: Option<PathBuf>, go: &Path) -> Result<Self, Error> {
        let needs_own = |part: &Part| assets.is_none() || !is_asset(*part);
        if let Some(folder) = &assets {
            let programs = parts.iter().filter(|part| is_asset(**part)).map(|part| folder.join(part.name()));
            if let Some(path) = programs.into_iter().find(|path| !path.exists()) {
                return Err(Error::AssetMissing { path });
            }
        }
        let own = if parts.iter().any(needs_own) { Some(build_once(go, &cache()?)?) } else { None };
        Ok(Self { own, assets })
    }

    /// The command that runs a part, without arguments.
    pub(crate) fn command(&self, part: Part) -> Command {
        match (&self.assets, &self.own) {
            (Some(folder), _) if is_asset(part) => Command::new(folder.join(part.name())),
            (_, Some(own)) => {
                let mut command = Command::new(own);
                command.arg(part.name());
                command
            }
            (_, None) => unreachable!("`find` looked for a program for each part"),
        }
    }
}

/// Whether the folder of `KUBEBUILDER_ASSETS` has this part.
fn is_asset(part: Part) -> bool {
    matches!(part, Part::Etcd | Part::ApiServer)
}

/// The path of our program. The first caller on a machine builds it, all others wait for that.
fn build_once(go: &Path, cache: &Path) -> Result<PathBuf, Error> {
    let version = go_version(go)?;
    let folder = cache.join(key(&version));
    let program = folder.join(NAME);
    if program.exists() {
        return Ok(program);
    }
    let io = |source| Error::Io { action: format!("build the control plane in {}", folder.display()), source };
    fs::create_dir_all(&folder).map_err(io)?;
    let lock = File::create(folder.join("lock")).map_err(io)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::Error(source)) => return Err(io(source)),
        Err(TryLockError::WouldBlock) => {
            reporting("waiting for another process that builds the control plane", || lock.lock()).map_err(io)?;
        }
    }
    if program.exists() {
        return Ok(program);
    }
    let message =
        format!("building a control plane (Kubernetes {KUBERNETES}) with {version}, once; it takes some minutes");
    let (status, output) = reporting(&message, || build(go, &folder, &program).map_err(io))?;
    if status.success() { Ok(program) } else { Err(Error::Build { status, output: logs::last_lines(&output) }) }
}

/// Builds in a folder of its own, which disappears with the `go` command if we are ended meanwhile.
fn build(go: &Path, folder: &Path, program: &Path) -> io::Result<(ExitStatus, Vec<u8>)> {
    let sources = tempfile::Builder::new().prefix("build-").tempdir_in(folder)?.keep();
    let group = Group::new(&sources)?;
    for (file, content) in SOURCES {
        fs::write(sources.join(file), content)?;
    }
    let (major, minor) = KUBERNETES.split_once('.').expect("a version has dots");
    let minor = minor.split('.').next().expect("split yields something");
    let version = "-X k8s.io/component-base/version.git";
    let output = File::create(sources.join("output"))?;
    let mut command = go_command(go);
    command.current_dir(&sources).args(["build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-o", NAME]).args([
        "-ldflags",
        &format!("-s -w {version}Version=v{KUBERNETES} {version}Major={major} {version}Minor={minor}"),
    ]);
    let status = group.spawn(command.stdout(output.try_clone()?).stderr(output))?.wait()?;
    if status.success() {
        fs::rename(sources.join(NAME), program)?;
    }
    Ok((status, fs::read(sources.join("output"))?))
}

/// Go as this machine has it: no cross building, no other toolchain by itself, no workspace of the user.
fn go_command(go: &Path) -> Command {
    let mut command = Command::new(go);
    command.env("CGO_ENABLED", "0").env("GOWORK", "off").env("GOTOOLCHAIN", "local");
    command.env_remove("GOOS").env_remove("GOARCH");
    command
}

/// The version that `go` reports, if it is new enough.
fn go_version(go: &Path) -> Result<String, Error> {
    let missing = |source| Error::GoMissing { command: go.to_owned(), source };
    let output = go_command(go).args(["env", "GOVERSION"]).output().map_err(missing)?;
    let said = if output.status.success() { output.stdout } else { output.stderr };
    let found = String::from_utf8_lossy(&said).trim().to_owned();
    if is_new_enough(&found) { Ok(found) } else { Err(Error::GoTooOld { command: go.to_owned(), found }) }
}

/// Reads `go1.26.8`, `go1.27rc1` or `go1.26-custom`; a development version (`devel …`) is the user's own responsibility.
fn is_new_enough(version: &str) -> bool {
    if version.starts_with("devel") {
        return true;
    }
    let mut numbers = version.trim_start_matches("go").split('.').map(|part| {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..digits].parse::<u32>().unwrap_or(0)
    });
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= OLDEST_GO
}

/// What the built program depends on.
fn key(go_version: &str) -> String {
    let mut hash = Sha256::new();
    for part in
        SOURCES.iter().map(|(_, content)| *content).chain([KUBERNETES, go_version, env::consts::OS, env::consts::ARCH])
    {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize()[..8])
}

/// The folder that `STEERSMAN_CONTROL_PLANE` names; the target folder that the running program lies in; else a folder of the user.
fn cache() -> Result<PathBuf, Error> {
    if let Some(folder) = env::var_os("STEERSMAN_CONTROL_PLANE") {
        return absolute(folder.into());
    }
    // cargo marks its target folder with this file.
    let is_target = |folder: &&Path| folder.join("CACHEDIR.TAG").is_file();
    let exe = env::current_exe().unwrap_or_default();
    let target = exe.ancestors().skip(1).find(is_target).map(Path::to_owned);
    let variable = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let user = || variable("XDG_CACHE_HOME").or_else(|| Some(env::home_dir()?.join(".cache")));
    let folder = target.or_else(|| variable("CARGO_TARGET_DIR")).or_else(user).unwrap_or_else(env::temp_dir);
    Ok(folder.join("steersman-control-plane"))
}

/// cargo runs each test in the folder of its package: a relative path would be another one for each.
fn absolute(folder: PathBuf) -> Result<PathBuf, Error> {
    if folder.is_absolute() { Ok(folder) } else { Err(Error::RelativeFolder { folder }) }
}

/// Runs something slow and says so on stderr: at once and every few seconds. (The test harness captures `eprintln!`.)
fn reporting<T>(message: &str, work: impl FnOnce() -> T) -> T {
    let (done, is_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let start = Instant::now();
            loop {
                let _ = writeln!(io::stderr(), "steersman-control-plane: {message} ({} s)", start.elapsed().as_secs());
                if is_done.recv_timeout(REPORT_EVERY) != Err(mpsc::RecvTimeoutError::Timeout) {
                    return;
                }
            }
        });
        // Dropped also when `work` panics: else the scope would wait for ever.
        let _done = done;
        work()
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path, thread};

    use super::{absolute, build_once, is_new_enough};

    #[test]
    fn who_comes_together_builds_once() {
        let cache = tempfile::tempdir().expect("a folder");
        let go = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go/counting/go");
        let programs = thread::scope(|scope| {
            let builders = [(); 4].map(|()| scope.spawn(|| build_once(&go, cache.path()).expect("it builds")));
            builders.map(|builder| builder.join().expect("no panic"))
        });
        assert!(programs.iter().all(|program| *program == programs[0] && program.is_file()));
        let builds = fs::read_to_string(programs[0].with_file_name("builds")).expect("Go has run");
        assert_eq!(builds, "built\n");
    }

    #[test]
    fn a_relative_folder_is_refused() {
        assert_eq!(absolute("/cache".into()).expect("it is absolute"), Path::new("/cache"));
        let error = absolute("cache".into()).expect_err("it is relative").to_string();
        assert_eq!(error, "STEERSMAN_CONTROL_PLANE is `cache`; write an absolute path");
    }

    #[test]
    fn go_versions_are_compared_as_numbers() {
        for version in
            ["go1.26", "go1.26.8", "go1.26rc1", "go1.30.1", "go2.0", "go1.26.1 X:nodwarf5", "devel go1.27-abc"]
        {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["go1.25.9", "go1.9", "go1.3", "", "gibberish"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }
}
