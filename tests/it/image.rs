//! The image that `scripts/image.sh` makes: what is in it, who can import it, and that the service
//! runs from it and from nothing else.
//!
//! Shape: one archive a test process, of the binary under test with its debug information stripped;
//! unpacked, it is started by bubblewrap as a container engine starts it: the image's files as a
//! read-only root, nobody's user, no capability, only `/tmp` to write to.

mod archive;
mod contents;
mod sandbox;
