//! A PostgreSQL cluster of our own, from the installed binaries.
//!
//! Shape: one cluster a test process ([`Cluster::shared`]), started by the first test that asks
//! and stopped by a [`Watchdog`] however the process ends; tests that stop the database take
//! [`Cluster::private`]. It listens on a Unix socket only, so there is no port to collide on.
//! Concurrency: the shared cluster is read-only after its start; each test has a database of its
//! own. Turned down: a container (needs a daemon) and the machine's cluster (not ours to fill).

use std::ffi::OsStr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::watchdog::{Watchdog, short_directory};

const INSTALL: &str = "PostgreSQL is missing; install it: apt-get install postgresql";

/// Only names the socket file; nothing listens on the network.
const PORT: &str = "5432";

/// Durability is what tests can do without; connections are what parallel tests need.
const SETTINGS: &str = "
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
shared_buffers = 64MB
autovacuum = off
";

/// A running PostgreSQL with a directory of its own.
#[derive(Debug)]
pub(crate) struct Cluster {
    directory: PathBuf,
    programs: Programs,
    /// Dropped last: it stops the server and removes the directory.
    _watchdog: Watchdog,
}

impl Cluster {
    /// The cluster of this test process.
    pub(crate) fn shared() -> &'static Self {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        CLUSTER.get_or_init(Self::private)
    }

    /// A cluster that nobody else uses; it ends when it is dropped.
    pub(crate) fn private() -> Self {
        let mut programs = Programs::find();
        let directory = short_directory();
        programs.as_postgres = directory.metadata().expect("stat").uid() == 0;
        let data = directory.join("data");
        let mut stop = programs.words("pg_ctl");
        stop.extend(["-D", text(&data), "-m", "immediate", "-w", "stop"].map(str::to_owned));
        let stop: Vec<&str> = stop.iter().map(String::as_str).collect();
        let watchdog = Watchdog::over(&directory, &stop);
        let cluster = Self {
            directory,
            programs,
            _watchdog: watchdog,
        };
        cluster.initialise(&data);
        cluster.start();
        cluster
    }

    fn initialise(&self, data: &Path) {
        if self.programs.as_postgres {
            let owner = Command::new("chown")
                .arg("postgres:")
                .arg(&self.directory)
                .output();
            successful("chown", owner.expect("start chown"));
        }
        let options = "--username=logitd --auth=trust --encoding=UTF8 --no-locale --no-sync";
        let mut words = vec!["-D", text(data)];
        words.extend(options.split(' '));
        self.programs.run("initdb", &words);
        let file = data.join("postgresql.conf");
        let mut settings = std::fs::read_to_string(&file).expect("read postgresql.conf");
        settings += SETTINGS;
        settings += &format!("unix_socket_directories = '{}'\n", text(&self.directory));
        std::fs::write(file, settings).expect("write postgresql.conf");
    }

    /// Starts the server again after [`Cluster::stop`], on the same socket; returns once it
    /// answers.
    pub(crate) fn start(&self) {
        let (data, log) = (self.directory.join("data"), self.directory.join("log"));
        let words = [
            "-D",
            text(&data),
            "-l",
            text(&log),
            "-w",
            "-t",
            "60",
            "start",
        ];
        let status = self.programs.status("pg_ctl", &words);
        let log = std::fs::read_to_string(log).unwrap_or_default();
        assert!(status.success(), "PostgreSQL did not start:\n{log}");
    }

    /// Stops the server: it cuts every connection and returns once the socket is gone.
    pub(crate) fn stop(&self) {
        let data = self.directory.join("data");
        self.programs
            .run("pg_ctl", &["-D", text(&data), "-m", "fast", "-w", "stop"]);
    }

    /// Makes an empty database and gives its name. Blocks for some tens of milliseconds.
    pub(crate) fn create_database(&self) -> String {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let directory = text(&self.directory);
        let words = [
            "-h",
            directory,
            "-p",
            PORT,
            "-U",
            "logitd",
            "-T",
            "template0",
            &name,
        ];
        self.programs.run("createdb", &words);
        name
    }

    /// Everything in a database, as SQL.
    pub(crate) fn dump(&self, name: &str) -> String {
        let words = [
            "-h",
            text(&self.directory),
            "-p",
            PORT,
            "-U",
            "logitd",
            name,
        ];
        let dumped = self.programs.command("pg_dump", &words).output();
        let dumped = dumped.unwrap_or_else(|error| panic!("pg_dump: {error}; {INSTALL}"));
        let all = String::from_utf8_lossy(&dumped.stdout).into_owned();
        successful("pg_dump", dumped);
        all
    }

    /// Removes a database, cutting whoever is connected; nothing happens if the server is down.
    pub(crate) fn drop_database(&self, name: &str) {
        let directory = text(&self.directory);
        let words = [
            "--force",
            "--if-exists",
            "-h",
            directory,
            "-p",
            PORT,
            "-U",
            "logitd",
            name,
        ];
        let _ = self.programs.command("dropdb", &words).output();
    }

    /// Another line of its configuration, from its next start or [`Cluster::reload`] on; of two
    /// lines for one setting the last holds.
    pub(crate) fn set(&self, line: &str) {
        let file = self.directory.join("data/postgresql.conf");
        let mut settings = std::fs::read_to_string(&file).expect("read postgresql.conf");
        settings += &format!("{line}\n");
        std::fs::write(file, settings).expect("write postgresql.conf");
    }

    /// Has the server read its configuration again, soon.
    pub(crate) fn reload(&self) {
        let data = self.directory.join("data");
        self.programs.run("pg_ctl", &["-D", text(&data), "reload"]);
    }

    /// Stops the server as a crash does: nobody is told, nothing is tidied up.
    pub(crate) fn crash(&self) {
        let data = self.directory.join("data");
        self.programs.run(
            "pg_ctl",
            &["-D", text(&data), "-m", "immediate", "-w", "stop"],
        );
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.join(format!(".s.PGSQL.{PORT}"))
    }

    /// From its next start on asks whoever comes as anybody but us for a password.
    pub(crate) fn require_passwords(&self) {
        let rules = "local all logitd trust\nlocal all all scram-sha-256\n";
        let file = self.directory.join("data/pg_hba.conf");
        std::fs::write(file, rules).expect("write pg_hba.conf");
    }

    /// From its next start on listens on a free port of the loopback too, and there speaks nothing but TLS
    /// with this certificate. Gives the port.
    pub(crate) fn listen_encrypted(&self, certificate: &Path, key: &Path) -> u16 {
        let data = self.directory.join("data");
        for (from, name) in [(certificate, "server.crt"), (key, "server.key")] {
            let file = data.join(name);
            std::fs::copy(from, &file).expect("copy the certificate");
            let owner = data.metadata().expect("stat");
            std::os::unix::fs::chown(&file, Some(owner.uid()), Some(owner.gid())).expect("chown");
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("chmod");
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
        let port = free.local_addr().expect("a port").port();
        let mut settings = std::fs::read_to_string(data.join("postgresql.conf")).expect("read");
        settings += &format!("listen_addresses = '127.0.0.1'\nport = {port}\nssl = on\n");
        std::fs::write(data.join("postgresql.conf"), settings).expect("write postgresql.conf");
        let rules = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
        std::fs::write(data.join("pg_hba.conf"), rules).expect("write pg_hba.conf");
        port
    }

    /// The URL of the database `name`.
    pub(crate) fn url(&self, name: &str) -> String {
        let directory = text(&self.directory);
        format!("postgres://logitd@localhost:{PORT}/{name}?host={directory}")
    }
}

/// Where the programs are, and whether to step down from root, which PostgreSQL refuses.
#[derive(Debug)]
struct Programs {
    directory: Option<PathBuf>,
    as_postgres: bool,
}

impl Programs {
    /// The newest of Debian's versions, else whatever is on the PATH.
    fn find() -> Self {
        let versions = std::fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .flatten();
        let newest = versions
            .filter(|entry| entry.path().join("bin/initdb").exists())
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry)))
            .max_by_key(|(version, _)| *version);
        let directory = newest.map(|(_, entry)| entry.path().join("bin"));
        let programs = Self {
            directory,
            as_postgres: false,
        };
        let found = Command::new(programs.path("initdb"))
            .arg("--version")
            .output();
        assert!(
            found.is_ok_and(|output| output.status.success()),
            "{INSTALL}"
        );
        programs
    }

    fn path(&self, program: &str) -> String {
        let path = self
            .directory
            .as_ref()
            .map(|directory| directory.join(program));
        path.map_or_else(|| program.to_owned(), |path| text(&path).to_owned())
    }

    /// The words that run `program` as somebody whom PostgreSQL accepts.
    fn words(&self, program: &str) -> Vec<String> {
        let step_down = "setpriv --reuid=postgres --regid=postgres --init-groups --";
        let step_down = step_down
            .split(' ')
            .filter(|_| self.as_postgres)
            .map(str::to_owned);
        step_down.chain([self.path(program)]).collect()
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let words = self.words(program);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(arguments).current_dir("/");
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = self.command(program, arguments).output();
        successful(
            program,
            output.unwrap_or_else(|error| panic!("{program}: {error}; {INSTALL}")),
        );
    }

    /// Without pipes: a server would hold their other end open, and `output` wait for its end.
    fn status(&self, program: &str, arguments: &[&str]) -> ExitStatus {
        let mut command = self.command(program, arguments);
        command
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null());
        command
            .status()
            .unwrap_or_else(|error| panic!("{program}: {error}; {INSTALL}"))
    }
}

fn successful(program: &str, output: Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} failed: {said}");
}

fn text(path: &(impl AsRef<OsStr> + ?Sized)) -> &str {
    path.as_ref().to_str().expect("a temporary path is UTF-8")
}

#[cfg(test)]
mod tests {
    use sea_orm::Database;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_private_cluster_goes() {
        let cluster = Cluster::private();
        let url = cluster.url(&cluster.create_database());
        let connection = Database::connect(&url).await.unwrap();
        connection.ping().await.unwrap();
        let directory = cluster.directory.clone();
        drop(cluster);
        assert!(!directory.exists());
        assert!(connection.ping().await.is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_dropped_database_is_gone() {
        let cluster = Cluster::shared();
        let name = cluster.create_database();
        let connection = Database::connect(cluster.url(&name)).await.unwrap();
        cluster.drop_database(&name);
        assert!(connection.ping().await.is_err());
        assert!(Database::connect(cluster.url(&name)).await.is_err());
    }
}
