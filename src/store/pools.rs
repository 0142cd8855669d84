//! How the pools of connections stand.

use super::Database;
use super::database::is_sqlite;
use crate::telemetry::Pool;
use sea_orm::DatabaseConnection;

impl Database {
    /// Each pool, as it stands now. Asks the process only, never the database.
    #[must_use]
    pub fn pools(&self) -> Vec<Pool> {
        vec![
            pool("own", self.own().pool()),
            pool("dataset", self.dataset().pool()),
        ]
    }
}

fn pool(name: &'static str, connections: &DatabaseConnection) -> Pool {
    let (open, idle, most) = if is_sqlite(connections.get_database_backend()) {
        let pool = connections.get_sqlite_connection_pool();
        let most = pool.options().get_max_connections();
        (pool.size(), pool.num_idle(), most)
    } else {
        let pool = connections.get_postgres_connection_pool();
        let most = pool.options().get_max_connections();
        (pool.size(), pool.num_idle(), most)
    };
    let idle = u32::try_from(idle).unwrap_or(open).min(open);
    Pool {
        name,
        used: open - idle,
        idle,
        most,
    }
}
