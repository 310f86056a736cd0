//! The running parts.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    path::Path,
    process::{Child, ExitStatus},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Error, Part, group::Group, plan::Plan};

/// How often something is looked at again.
pub(crate) const POLL: Duration = Duration::from_millis(20);

/// How long a part has to end by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// With so few bytes left on the disk, who ends by itself most likely ends for want of room.
const ROOM: u64 = 100 << 20;

/// The processes of one control plane, all in one group.
#[derive(Debug)]
pub(crate) struct Processes {
    group: Group,
    children: Mutex<BTreeMap<Part, Child>>,
}

impl Processes {
    /// Nothing runs yet.
    pub(crate) fn new(group: Group) -> Self {
        Self { group, children: Mutex::default() }
    }

    /// Starts a part unless it runs.
    pub(crate) fn start(&self, part: Part, plan: &Plan) -> Result<(), Error> {
        let mut children = self.children();
        if let Some(child) = children.get_mut(&part)
            && exit(child).is_none()
        {
            return Ok(());
        }
        let io = |source| Error::Io { action: format!("start {part}"), source };
        let log = OpenOptions::new().create(true).append(true).open(plan.log(part)).map_err(io)?;
        let mut command = plan.command(part);
        command.stdout(log.try_clone().map_err(io)?).stderr(log);
        children.insert(part, self.group.spawn(&mut command).map_err(io)?);
        Ok(())
    }

    /// The process id of a part, if it runs.
    pub(crate) fn pid(&self, part: Part) -> Option<u32> {
        let mut children = self.children();
        let child = children.get_mut(&part)?;
        exit(child).is_none().then(|| child.id())
    }

    /// Sends a signal to a part; false if it does not run.
    pub(crate) fn signal(&self, part: Part, signal: Signal) -> Result<bool, Error> {
        let mut children = self.children();
        let Some(child) = children.get_mut(&part) else { return Ok(false) };
        if exit(child).is_some() {
            return Ok(false);
        }
        // Its id cannot be another process's: we alone take note of its end, and have not.
        let sent = kill_process(Pid::from_child(child), signal);
        sent.map(|()| true).map_err(|error| Error::io(format!("send a signal to {part}"))(error.into()))
    }

    /// Asks a part to end, waits some seconds, then ends it. Nothing if it does not run.
    pub(crate) async fn stop(&self, part: Part) -> Result<(), Error> {
        // The second one because a paused part would not see the first.
        if self.signal(part, Signal::TERM)? && self.signal(part, Signal::CONT)? && self.is_gone(part, PATIENCE).await {
            return Ok(());
        }
        self.kill(part).await
    }

    /// Ends a part at once. Nothing if it does not run.
    pub(crate) async fn kill(&self, part: Part) -> Result<(), Error> {
        self.signal(part, Signal::KILL)?;
        // The kernel ends it as soon as it is scheduled: there is nothing else to be done than to wait.
        while !self.is_gone(part, PATIENCE).await {}
        Ok(())
    }

    /// An error if one of these parts has ended by itself.
    pub(crate) fn alive(&self, parts: &[Part], plan: &Plan) -> Result<(), Error> {
        let mut children = self.children();
        let dead = parts.iter().find_map(|part| Some((*part, exit(children.get_mut(part)?)?)));
        let Some((part, status)) = dead else { return Ok(()) };
        let log = plan.last_lines(part);
        if log.contains("address already in use") {
            return Err(Error::PortOccupied { part, port: plan.port(part) });
        }
        Err(died(part, status, log, &plan.folder, free_space(&plan.folder)))
    }

    async fn is_gone(&self, part: Part, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.pid(part).is_some() {
            if Instant::now() > deadline {
                return false;
            }
            tokio::time::sleep(POLL).await;
        }
        self.children().remove(&part);
        true
    }

    fn children(&self) -> MutexGuard<'_, BTreeMap<Part, Child>> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.group.end();
        for child in self.children().values_mut() {
            let _ = child.wait();
        }
    }
}

/// Why a part has ended by itself that writes into a folder with so many bytes left.
fn died(part: Part, status: ExitStatus, log: String, folder: &Path, free: u64) -> Error {
    if free < ROOM {
        return Error::DiskFull { part, status, folder: folder.to_owned(), free, log };
    }
    Error::Died { part, status, log }
}

/// How many bytes may still be written there; more than there can be if nobody knows.
fn free_space(folder: &Path) -> u64 {
    rustix::fs::statvfs(folder).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// How a child ended, if it did.
fn exit(child: &mut Child) -> Option<ExitStatus> {
    child.try_wait().expect("a child of ours can be asked whether it ended")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_ends_without_room_is_told_where_to_make_some() {
        let died = |free| died(Part::Etcd, ExitStatus::default(), "bye".into(), Path::new("/small"), free);
        assert!(matches!(died(ROOM), Error::Died { .. }));
        let text = died(ROOM - 1).to_string();
        for expected in ["etcd ended by itself", "/small has only 104 MB left", "TMPDIR", "bye"] {
            assert!(text.contains(expected), "{text}");
        }
        assert!(free_space(Path::new("/")) < u64::MAX, "it can be asked");
    }
}
