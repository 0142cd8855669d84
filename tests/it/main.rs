//! Everything that needs a database, a port, a process or a browser, in one binary.

#[cfg(test)]
mod support;
