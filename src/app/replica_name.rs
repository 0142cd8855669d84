//! What this process is called among the replicas: the machine's name, which is the pod's in a
//! cluster, and a few letters of its own, since one machine may run several.

/// The name of this process, another at each start.
pub(super) fn replica_name() -> String {
    let machine = rustix::system::uname();
    let machine = machine.nodename().to_string_lossy();
    let own = uuid::Uuid::new_v4().simple().to_string();
    format!("{machine}/{}", &own[..8])
}
