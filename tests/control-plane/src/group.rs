//! A process group that does not outlive us, however we end.

use std::{
    io,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

/// Is the leader of the group, so that the group exists before its first member; ends everybody, itself included.
const LEADER: &str = r#"trap '' HUP INT TERM; read -r _; kill -KILL 0"#;

/// Stands outside the group, so that it lives long enough to remove the folder after the last member's last write.
/// A second attempt is for a member that was creating a file while it was killed.
const SWEEPER: &str = r#"
trap '' HUP INT TERM
read -r _
kill -KILL -"$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf "$2" 2>/dev/null
    [ -e "$2" ] || exit 0
    sleep 0.1
done"#;

/// A process group and a folder that end with us.
///
/// # Guarantees
/// When this value is dropped, and also when our process ends in any other way (SIGKILL, too), every member of the group
/// is ended by SIGKILL, which reaches stopped processes as well, and the folder is removed. It works without any code of
/// ours running at the end: two tiny shells wait for the end of a pipe of which only we hold the other end.
#[derive(Debug)]
pub(crate) struct Group {
    leader: Child,
    sweeper: Child,
}

impl Group {
    /// A new group without members. The folder is the group's from now on.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let mut leader = shell(LEADER).spawn()?;
        let sweeper = shell(SWEEPER).arg(leader.id().to_string()).arg(folder).spawn().inspect_err(|_| {
            drop(leader.stdin.take());
            let _ = leader.wait();
        })?;
        Ok(Self { leader, sweeper })
    }

    /// Starts a member. It is one before its program begins, so there is no moment in which it could escape.
    pub(crate) fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        let id = i32::try_from(self.leader.id()).map_err(io::Error::other)?;
        command.stdin(Stdio::null()).process_group(id).spawn()
    }

    /// Begins to end all members, without waiting for them.
    pub(crate) fn end(&mut self) {
        drop(self.leader.stdin.take());
        drop(self.sweeper.stdin.take());
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
        for child in [&mut self.leader, &mut self.sweeper] {
            let _ = child.wait();
        }
    }
}

/// A shell in a process group of its own, so that Ctrl-C at a terminal does not reach it.
fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script, "steersman-control-plane"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command
}
