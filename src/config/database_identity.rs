//! Which database a URL names, whoever asks it and however.

use sha2::{Digest, Sha256};

use super::secret::Secret;

impl Secret {
    /// `sha256:<hex>` of what in the URL says where the database is: host, port and name, or the
    /// file. User, password and every other option are left out, so that a new password is no new
    /// database; and it is a hash, since it is stored with every version and tells nobody the place.
    pub fn database_identity(&self) -> String {
        let hash = Sha256::digest(place(self.expose()).as_bytes());
        format!("sha256:{hash:x}")
    }
}

fn place(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    if let Some(file) = path.strip_prefix("sqlite:") {
        return format!("sqlite {}", file.trim_start_matches("//"));
    }
    let rest = path.split_once("://").map_or(path, |(_, rest)| rest);
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let (address, name) = place.split_once('/').unwrap_or((place, ""));
    let address = address.to_ascii_lowercase();
    let address = address.strip_suffix(":5432").unwrap_or(&address);
    // What stands in the query wins, as it does for the driver.
    let wins = |key: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.rfind(|(name, _)| *name == key)
    };
    let [host, port, database] = ["host", "port", "dbname"].map(|key| wins(key).map(|pair| pair.1));
    format!(
        "postgres {} {} {}",
        host.unwrap_or(address),
        port.unwrap_or_default(),
        database.unwrap_or(name)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(url: &str) -> String {
        Secret::new(url).database_identity()
    }

    #[test]
    fn who_asks_and_how_does_not_matter_and_where_does() {
        let one = identity("postgres://u:pw@Host:5432/db?sslmode=require");
        for same in [
            "postgresql://v:other@host/db",
            "postgres://host/db?application_name=x",
        ] {
            assert_eq!(identity(same), one, "{same}");
        }
        for other in [
            "postgres://u:pw@host:5433/db",
            "postgres://u:pw@host/db2",
            "postgres://u:pw@other/db",
            "postgres://u:pw@host/db?host=/run/elsewhere",
            "sqlite://db",
        ] {
            assert_ne!(identity(other), one, "{other}");
        }
        assert_eq!(identity("sqlite://a.db?mode=rwc"), identity("sqlite:a.db"));
        assert_ne!(identity("sqlite://a.db"), identity("sqlite://b.db"));
        assert!(one.starts_with("sha256:") && !one.contains("host"));
    }
}
