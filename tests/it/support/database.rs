//! A database for one test, on either engine, and the macro that runs a test on both.
//!
//! Shape: [`TestDatabase`] is an address that lives as long as the value; [`on_both!`] makes two
//! tests of one body. Concurrency: nothing is shared but the PostgreSQL server, so tests run in
//! parallel. Turned down: `:memory:` (a pool of connections would see as many databases) and a
//! transaction rolled back at the end (the service under test opens connections of its own).

use std::sync::Arc;

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use tempfile::TempDir;

use super::postgres::Cluster;

/// Where the rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// A file in a temporary directory.
    Sqlite,
    /// A database of the test process's own cluster.
    Postgres,
}

impl Engine {
    /// Every engine the service supports.
    pub(crate) const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// An empty database that is removed when the value is dropped.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    engine: Engine,
    place: Place,
}

#[derive(Debug)]
enum Place {
    File(TempDir),
    Shared(String),
    Private(Arc<Cluster>, String),
}

impl TestDatabase {
    /// A new, empty database.
    pub(crate) async fn new(engine: Engine) -> Self {
        let place = match engine {
            Engine::Sqlite => Place::File(tempfile::tempdir().expect("make a directory")),
            Engine::Postgres => Place::Shared(Cluster::shared().create_database()),
        };
        Self { engine, place }
    }

    /// A new, empty database in a cluster that the test stops and starts.
    pub(crate) fn within(cluster: &Arc<Cluster>) -> Self {
        let place = Place::Private(Arc::clone(cluster), cluster.create_database());
        Self {
            engine: Engine::Postgres,
            place,
        }
    }

    /// The engine it is on.
    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// What to write into a configuration. SQLite: the file need not exist yet.
    pub(crate) fn url(&self) -> String {
        match &self.place {
            Place::File(directory) => {
                format!("sqlite://{}", directory.path().join("test.db").display())
            }
            Place::Shared(name) => Cluster::shared().url(name),
            Place::Private(cluster, name) => cluster.url(name),
        }
    }

    /// Its name; only of PostgreSQL.
    pub(crate) fn name(&self) -> &str {
        match &self.place {
            Place::File(_) => panic!("a file has no name in a cluster"),
            Place::Shared(name) | Place::Private(_, name) => name,
        }
    }

    /// A small pool for the test itself; creates the SQLite file.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        let mode = if self.engine == Engine::Sqlite {
            "?mode=rwc"
        } else {
            ""
        };
        let mut options = ConnectOptions::new(self.url() + mode);
        options.max_connections(2).sqlx_logging(false);
        Database::connect(options)
            .await
            .expect("connect to the test's database")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.place {
            Place::File(_) => {}
            Place::Shared(name) => Cluster::shared().drop_database(name),
            Place::Private(cluster, name) => cluster.drop_database(name),
        }
    }
}

/// Makes two tests of one body, `name::sqlite` and `name::postgres`; each gets an empty
/// [`TestDatabase`] by value.
///
/// ```ignore
/// on_both!(a_row_comes_back, |database| async {
///     let connection = database.connect().await;
/// });
/// ```
macro_rules! on_both {
    ($(#[$attribute:meta])* $name:ident, |$database:ident| async $body:block) => {
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "a body may name nothing from around it")]
            use super::*;
            use $crate::support::database::{Engine, TestDatabase};

            async fn check($database: TestDatabase) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                check(TestDatabase::new(Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                check(TestDatabase::new(Engine::Postgres).await).await;
            }
        }
    };
}
pub(crate) use on_both;

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn an_address_leads_to_its_engine() {
        for engine in Engine::BOTH {
            let database = TestDatabase::new(engine).await;
            assert_eq!(database.engine(), engine);
            let backend = database.connect().await.get_database_backend();
            assert_eq!(backend == DbBackend::Sqlite, engine == Engine::Sqlite);
            assert_eq!(backend == DbBackend::Postgres, engine == Engine::Postgres);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_database_may_lie_in_a_cluster_that_stops() {
        let cluster = Arc::new(Cluster::private());
        let database = TestDatabase::within(&cluster);
        let connection = database.connect().await;
        cluster.stop();
        assert!(connection.ping().await.is_err());
        cluster.start();
        connection.ping().await.unwrap();
    }

    on_both!(two_databases_are_two, |database| async {
        let other = TestDatabase::new(database.engine()).await;
        assert_ne!(database.url(), other.url());
        database.connect().await.ping().await.unwrap();
        other.connect().await.ping().await.unwrap();
    });
}
