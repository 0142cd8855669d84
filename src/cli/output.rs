//! What a command prints: results on stdout, the rest on stderr. A reader that went away (`| head`)
//! is no failure.

use std::io::Write;

/// A line for whoever asked.
pub(super) fn say(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stdout().lock(), "{}", line.as_ref());
}

/// Text as it is, for whoever asked.
pub(super) fn print(text: impl AsRef<str>) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_ref().as_bytes());
    let _ = stdout.flush();
}

/// Writes the last line of a terminal again, without an end.
pub(super) fn overwrite(line: impl AsRef<str>) {
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "\r{}\u{1b}[K", line.as_ref());
    let _ = stderr.flush();
}

/// A line beside the result.
pub(super) fn tell(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stderr().lock(), "{}", line.as_ref());
}
