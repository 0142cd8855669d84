//! A program of ours (or a tool) run as a user runs it: arguments, environment, signals, output.
//!
//! Shape: [`Launch`] says what to run, [`Process`] is it running; two threads collect its lines.
//! Concurrency: lines are behind a mutex that is never held across an await. Signals go by a
//! shell's `kill` to one process id, since `std` can only kill. Turned down: `tokio::process`
//! (a feature more, and its child dies unobserved with the runtime).

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::eventually::eventually;

/// What to run, and around what.
#[derive(Debug)]
pub(crate) struct Launch {
    command: Command,
    program: PathBuf,
}

impl Launch {
    /// The program at `path` with an empty environment: nothing of the machine decides a test.
    pub(crate) fn clean(path: impl Into<PathBuf>) -> Self {
        let mut launch = Self::tool(path);
        launch.command.env_clear();
        launch
    }

    /// A tool of the machine, found by the PATH, in this process's environment.
    pub(crate) fn tool(path: impl Into<PathBuf>) -> Self {
        let program = path.into();
        let mut command = Command::new(&program);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self { command, program }
    }

    /// Adds arguments.
    pub(crate) fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// Sets the working directory.
    pub(crate) fn directory(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// Starts it; an error means that it could not be started at all.
    pub(crate) fn try_start(mut self) -> std::io::Result<Process> {
        let mut child = self.command.spawn()?;
        let output = Arc::new(Output::default());
        output.collect(child.stdout.take(), |output| &output.stdout);
        output.collect(child.stderr.take(), |output| &output.stderr);
        Ok(Process { child, output })
    }

    /// Starts it.
    pub(crate) fn start(self) -> Process {
        let program = self.program.clone();
        self.try_start()
            .unwrap_or_else(|error| panic!("start {}: {error}", program.display()))
    }
}

/// Lines so far, and how many of the two streams have ended.
#[derive(Debug, Default)]
struct Output {
    stdout: Mutex<Vec<String>>,
    stderr: Mutex<Vec<String>>,
    ended: AtomicUsize,
}

impl Output {
    fn collect(
        self: &Arc<Self>,
        stream: Option<impl Read + Send + 'static>,
        lines: fn(&Self) -> &Mutex<Vec<String>>,
    ) {
        let output = Arc::clone(self);
        let mut reader = BufReader::new(stream.expect("the stream is piped"));
        std::thread::spawn(move || {
            let mut line = Vec::new();
            while reader
                .read_until(b'\n', &mut line)
                .is_ok_and(|length| length > 0)
            {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                lock(lines(&output)).push(text);
                line.clear();
            }
            output.ended.fetch_add(1, Ordering::Release);
        });
    }

    fn all(&self) -> Vec<String> {
        let mut lines = lock(&self.stdout).clone();
        lines.extend(lock(&self.stderr).iter().cloned());
        lines
    }
}

fn lock(lines: &Mutex<Vec<String>>) -> std::sync::MutexGuard<'_, Vec<String>> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running program; dropping it kills it and waits for its end.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    output: Arc<Output>,
}

impl Process {
    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to standard output so far.
    pub(crate) fn stdout(&self) -> String {
        lock(&self.output.stdout).join("\n")
    }

    /// What it wrote to standard error so far.
    pub(crate) fn stderr(&self) -> String {
        lock(&self.output.stderr).join("\n")
    }

    /// Waits for its end and for the end of its output.
    pub(crate) async fn wait_exit(&mut self, deadline: Duration) -> ExitStatus {
        let what = format!("process {} to end", self.id());
        let (child, output) = (&mut self.child, &self.output);
        eventually(deadline, &what, async || {
            let status = child.try_wait().expect("ask for the exit status")?;
            (output.ended.load(Ordering::Acquire) == 2).then_some(status)
        })
        .await
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("ask for the exit status")
            .is_none()
    }

    /// Waits for the first line, on either stream, that holds `text`.
    pub(crate) async fn line_containing(&mut self, text: &str, deadline: Duration) -> String {
        let what = format!("a line with {text:?}");
        self.first(&what, deadline, |line| {
            line.contains(text).then(|| line.to_owned())
        })
        .await
    }

    /// Waits for the first line that `wanted` makes something of; fails at once, with all that
    /// was written, if the process ends without one.
    async fn first<T>(
        &mut self,
        what: &str,
        deadline: Duration,
        wanted: impl Fn(&str) -> Option<T>,
    ) -> T {
        let (child, output) = (&mut self.child, &self.output);
        eventually(deadline, what, async || {
            // Asked first: what is written before the end is then in the lines.
            let ended = child.try_wait().expect("ask for the exit status");
            let ended = ended.filter(|_| output.ended.load(Ordering::Acquire) == 2);
            let lines = output.all();
            let found = lines.iter().find_map(|line| wanted(line));
            assert!(
                found.is_some() || ended.is_none(),
                "ended ({ended:?}) without {what}:\n{}",
                lines.join("\n")
            );
            found
        })
        .await
    }

    /// Waits for the address it prints as `http://127.0.0.1:PORT`.
    pub(crate) async fn address(&mut self) -> SocketAddr {
        self.first("an address", Duration::from_secs(60), address_in)
            .await
    }

    /// Asks it to end (SIGTERM).
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Ctrl-C (SIGINT).
    pub(crate) fn interrupt(&self) {
        self.signal("-INT");
    }

    /// Holds it where it stands (SIGSTOP), as a machine that sleeps would.
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on (SIGCONT).
    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, name: &str) {
        let sent = signal(name, self.id());
        assert!(sent, "the process has ended before {name}");
    }

    /// Ends it without asking (SIGKILL), and waits for that.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The shell's own `kill`: the program of that name is not on every machine.
fn signal(name: &str, id: u32) -> bool {
    let script = r#"kill "$1" "$2""#;
    let words = ["-c", script, "kill", name, &id.to_string()];
    let asked = Command::new("sh").args(words).output();
    asked.expect("start sh").status.success()
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://127.0.0.1:")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    Some(SocketAddr::from(([127, 0, 0, 1], digits.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Launch {
        Launch::clean("/bin/sh").args(["-c", script])
    }

    #[tokio::test]
    async fn collects_output_and_status() {
        let directory = tempfile::tempdir().unwrap();
        let mut process = shell("pwd; echo \"$A${HOME-none}\" >&2; exit 3")
            .env("A", "b")
            .directory(directory.path())
            .start();
        assert_eq!(process.wait_exit(SOON).await.code(), Some(3));
        assert_eq!(process.stdout(), directory.path().to_str().unwrap());
        assert_eq!(process.stderr(), "bnone");
    }

    #[tokio::test]
    async fn signals_arrive() {
        let script = "trap 'echo int' INT; trap 'echo term; exit 0' TERM; echo ready; \
                      while :; do /bin/sleep 0.05; done";
        // Who runs the tests in the background may ignore interrupts, which no shell can take back.
        let words = ["--default-signal=INT", "/bin/sh", "-c", script];
        let mut process = Launch::clean("/usr/bin/env").args(words).start();
        process.line_containing("ready", SOON).await;
        assert!(process.is_running());
        process.interrupt();
        process.line_containing("int", SOON).await;
        process.terminate();
        assert!(process.wait_exit(SOON).await.success());
        assert!(process.stdout().ends_with("term"));
    }

    #[tokio::test]
    async fn finds_the_address_in_json_and_in_words() {
        let json = r#"echo '{"url":"http://127.0.0.1:4711/docs"}' >&2; exec /bin/sleep 600"#;
        assert_eq!(shell(json).start().address().await.port(), 4711);
        let words = "echo see http://127.0.0.1:815; exec /bin/sleep 600";
        assert_eq!(shell(words).start().address().await.port(), 815);
    }

    #[tokio::test]
    #[should_panic(expected = "no such table")]
    async fn an_early_end_shows_what_was_said() {
        shell("echo no such table >&2; exit 1")
            .start()
            .address()
            .await;
    }

    #[tokio::test]
    async fn a_dropped_process_is_dead() {
        let process = shell("exec /bin/sleep 600").start();
        let id = process.id();
        assert!(signal("-0", id));
        drop(process);
        assert!(!signal("-0", id));
    }
}
