//! What must not outlive the tests: directories, and processes that we did not wait for.
//!
//! Shape: a `sh` that reads process ids from a pipe whose other end only this process holds.
//! The kernel closes the pipe however this process ends (return, panic, `kill -9`); the shell
//! then kills what it was told of and removes the directory. Turned down: `Drop` alone (a static
//! is never dropped, and nothing is after `kill -9`) and an exit handler (needs `unsafe`).

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// `$1` is the directory; the remaining arguments are a command that stops what it knows of.
/// A process id that was read is killed and then waited for, so that nothing writes into the
/// directory while it is removed.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
directory=$1
shift
ids=
while read -r id; do ids="$ids $id"; done
[ $# -eq 0 ] || "$@"
for id in $ids; do kill -KILL "$id"; done
for id in $ids; do
  for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$id" || break; sleep 0.1; done
done
rm -rf "$directory" || { sleep 1; rm -rf "$directory"; }
"#;

/// A Unix socket's path may have 107 bytes; what is put into the directory needs some of them.
const LONGEST_DIRECTORY_BYTES: usize = 64;

/// A new directory for a watchdog to watch over, with a path short enough for sockets in it.
pub(crate) fn short_directory() -> PathBuf {
    let base = Some(std::env::temp_dir())
        .filter(|base| base.as_os_str().len() + "/logitd-XXXXXX".len() < LONGEST_DIRECTORY_BYTES)
        .unwrap_or_else(|| PathBuf::from("/tmp"));
    let directory = tempfile::Builder::new().prefix("logitd-").tempdir_in(base);
    directory.expect("make a temporary directory").keep()
}

/// Guards one directory; dropping it cleans up at once and waits until that is done.
#[derive(Debug)]
pub(crate) struct Watchdog {
    shell: Child,
}

impl Watchdog {
    /// Watches over `directory`; `stop` is the command (program first) to run before it goes.
    pub(crate) fn over(directory: &Path, stop: &[&str]) -> Self {
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "watchdog"])
            .arg(directory)
            .args(stop)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A group of its own: Ctrl-C in a terminal must end the tests, not who tidies up.
            .process_group(0)
            .spawn()
            .expect("start sh");
        Self { shell }
    }

    /// Also kills the process `id` at the end.
    pub(crate) fn remember(&mut self, id: u32) {
        let pipe = self.shell.stdin.as_mut().expect("the pipe is open");
        writeln!(pipe, "{id}").expect("tell the watchdog");
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_and_removes() {
        let directory = short_directory();
        let mut sleeper = Command::new("sleep").arg("600").spawn().unwrap();
        let mut watchdog = Watchdog::over(&directory, &[]);
        watchdog.remember(sleeper.id());
        let waiting = std::thread::spawn(move || sleeper.wait().unwrap());
        drop(watchdog);
        assert!(!waiting.join().unwrap().success());
        assert!(!directory.exists());
    }

    #[test]
    fn runs_the_stop_command_before_the_directory_goes() {
        let directory = short_directory();
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::write(directory.join("last"), "words").unwrap();
        let (from, to) = (directory.join("last"), elsewhere.path().join("kept"));
        let stop = ["cp", from.to_str().unwrap(), to.to_str().unwrap()];
        drop(Watchdog::over(&directory, &stop));
        assert_eq!(std::fs::read_to_string(to).unwrap(), "words");
        assert!(!directory.exists());
    }
}
