//! A person's terminal: a shell in tmux that is typed into, and the screen that it shows.
//!
//! Shape: a tmux server of its own on a socket in a directory that goes with it; besides the screen,
//! everything that was ever written to the terminal is kept, so that no passing sight is missed.
//! Turned down: `script` (it has no screen: what was written over is still there) and a
//! pseudo-terminal of our own (needs `unsafe`).

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::eventually::eventually;
use super::process::Launch;
use super::watchdog::{Watchdog, short_directory};

const INSTALL: &str = "if tmux is missing, install it: apt-get install tmux";
/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the shell shows when it waits for a command: how the last one ended.
const PROMPT: &str = "ended with $?> ";

/// A terminal of 160 columns and 40 lines.
#[derive(Debug)]
pub(crate) struct Terminal {
    directory: PathBuf,
    _watchdog: Watchdog,
}

impl Terminal {
    /// Opens one in this directory, with these variables and hardly any other.
    pub(crate) async fn open(directory: &Path, variables: &[(&str, &str)]) -> Self {
        let own = short_directory();
        let socket = own.join("socket");
        let stop = ["tmux", "-S", socket.to_str().unwrap(), "kill-server"];
        let terminal = Self {
            _watchdog: Watchdog::over(&own, &stop),
            directory: own,
        };
        let bin = Path::new(env!("CARGO_BIN_EXE_logitd")).parent().unwrap();
        let mut words = vec![
            "new-session".to_owned(),
            "-d".into(),
            "-x160".into(),
            "-y40".into(),
            format!("-c{}", directory.display()),
            "env".into(),
            "-i".into(),
            "TERM=screen-256color".into(),
            format!("PATH={}:/usr/bin:/bin", bin.display()),
            format!("PS1={PROMPT}"),
        ];
        words.extend(
            variables
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        words.push("sh".into());
        terminal.tmux(&words).await;
        let log = terminal.directory.join("log");
        let keep = format!("cat >> {}", log.display());
        terminal.tmux(&["pipe-pane", &keep]).await;
        // The first prompt may have come before anything was kept.
        terminal.press("Enter").await;
        terminal.ended(0).await;
        terminal
    }

    async fn tmux(&self, words: &[impl AsRef<std::ffi::OsStr>]) -> String {
        let socket = self.directory.join("socket");
        let launch = Launch::tool("tmux")
            .args(["-f", "/dev/null", "-S"])
            .args([&socket])
            .args(words);
        let mut tmux = launch
            .try_start()
            .unwrap_or_else(|error| panic!("start tmux: {error}; {INSTALL}"));
        let status = tmux.wait_exit(PATIENCE).await;
        assert!(status.success(), "{}", tmux.stderr());
        tmux.stdout()
    }

    /// Types a line.
    pub(crate) async fn enter(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]).await;
        self.press("Enter").await;
    }

    /// Presses a key, by tmux's name for it: `C-c`.
    pub(crate) async fn press(&self, key: &str) {
        self.tmux(&["send-keys", key]).await;
    }

    /// What the screen shows now.
    pub(crate) async fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"]).await
    }

    /// Waits until the screen shows this, and gives the screen.
    pub(crate) async fn wait_for(&self, what: &str) -> String {
        let mut last = String::new();
        let shown = eventually(PATIENCE, what, async || {
            last = self.screen().await;
            last.contains(what).then(|| last.clone())
        });
        shown.await
    }

    /// Runs a command to its end: how it ended, and all that it wrote, colours and moves included.
    pub(crate) async fn run(&self, command: &str) -> (i32, String) {
        let before = self.begin(command).await;
        self.ended(before).await
    }

    /// Enters a command and leaves it running; [`Terminal::ended`] takes what this gives.
    pub(crate) async fn begin(&self, command: &str) -> usize {
        let before = self.written().len();
        self.enter(command).await;
        before
    }

    /// Waits for the end of a command that [`Terminal::begin`] began.
    pub(crate) async fn ended(&self, before: usize) -> (i32, String) {
        eventually(PATIENCE, "the end of a command", async || {
            let written = self.written().get(before..)?.to_owned();
            let (told, rest) = written.rsplit_once("ended with ")?;
            let code = rest.split_once('>')?.0.parse().ok()?;
            Some((code, told.to_owned()))
        })
        .await
    }

    /// Everything that was written to the terminal so far.
    pub(crate) fn written(&self) -> String {
        let log = std::fs::read(self.directory.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_typed_is_run_and_keys_are_pressed() {
        let directory = tempfile::tempdir().unwrap();
        let terminal = Terminal::open(directory.path(), &[("WORD", "seen")]).await;
        let (code, told) = terminal.run("pwd; echo \"$WORD\"; test -t 2; false").await;
        assert_eq!(code, 1);
        assert!(told.contains("seen\r\n"), "{told:?}");
        let before = terminal.begin("echo begun; sleep 600").await;
        terminal.wait_for("\nbegun").await;
        terminal.press("C-c").await;
        let (code, _) = terminal.ended(before).await;
        assert_eq!(code, 130);
    }
}
