//! What the fuzz targets begin with: the texts that are committed, and edits of them.
//!
//! Shape: a target is a test with `bolero::check!`, which runs the files of its corpus and cases of its own. Bytes by
//! chance seldom come past the first brace, so each property is run twice: on bytes as they are, which is what a
//! fuzzer that sees the coverage wants, and on bytes that say how a text of the corpus is edited, which reaches deep
//! without one. Concurrency: pure functions of the bytes, so a seed tells the case again. Turned down: a generator a
//! grammar (it writes what its author thought of).

use std::fs;
use std::path::Path;

/// How many cases a target makes by itself in `cargo test`.
pub(crate) const CASES: usize = 2_000;

/// As many bytes make six edits at most.
pub(crate) const EDITS_BYTES: usize = 1 + 6 * EDIT_BYTES;

const EDIT_BYTES: usize = 4;

/// The texts of a target's corpus, in the order of their names.
///
/// # Panics
/// There is none: a target whose corpus was moved would go on and test little.
pub(crate) fn corpus(room: &str, target: &str) -> Vec<Vec<u8>> {
    let place = format!("src/{room}/__fuzz__/{target}/corpus");
    let listed = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(&place)).unwrap();
    let mut paths: Vec<_> = listed.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{place} holds no text");
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// The text that the first byte names, with an edit for every four bytes behind it: what is done, where (two bytes,
/// as a share of the text), and with what, which is mostly one of the pieces.
pub(crate) fn edited(bytes: &[u8], texts: &[Vec<u8>], pieces: &[&str]) -> Vec<u8> {
    let (&first, edits) = bytes.split_first().unwrap_or((&0, &[]));
    let mut text = texts[usize::from(first) % texts.len()].clone();
    for edit in edits.chunks_exact(EDIT_BYTES) {
        let share = usize::from(u16::from_be_bytes([edit[1], edit[2]]));
        let at = text.len() * share / usize::from(u16::MAX);
        let what = usize::from(edit[3]);
        let piece = pieces[what % pieces.len()].bytes();
        let near = at..(at + what % 16).min(text.len());
        match edit[0] % 6 {
            0 => drop(text.splice(at..at, piece)),
            1 => drop(text.splice(word(&text, at), piece)),
            2 => drop(text.drain(near)),
            3 => {
                let again = text[near].to_vec();
                text.splice(at..at, again);
            }
            4 => text.insert(at, edit[3]),
            _ => drop(text.drain(word(&text, at))),
        }
    }
    text
}

/// The word or the number around a place, or the sign there.
fn word(text: &[u8], at: usize) -> std::ops::Range<usize> {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(byte);
    let before = text[..at].iter().rev().take_while(|byte| belongs(byte));
    let behind = text[at..].iter().take_while(|byte| belongs(byte));
    let (start, end) = (at - before.count(), at + behind.count());
    if start == end {
        return start..(end + 1).min(text.len());
    }
    start..end
}

#[test]
fn an_edit_is_what_its_bytes_say() {
    let texts = [b"{\"a\": 12.5}".to_vec(), Vec::new()];
    let edit = |bytes: &[u8]| String::from_utf8(edited(bytes, &texts, &["null", "x"])).unwrap();
    assert_eq!(edit(&[]), "{\"a\": 12.5}");
    assert_eq!(edit(&[1, 0, 0, 0, 1]), "x");
    let middle = 0xa8;
    assert_eq!(edit(&[0, 1, middle, 0, 0]), "{\"a\": null}");
    assert_eq!(edit(&[0, 5, middle, 0, 0]), "{\"a\": }");
    assert_eq!(edit(&[0, 2, 0, 0, 15]), "");
    assert_eq!(edit(&[0, 3, 0, 0, 2]), "{\"{\"a\": 12.5}");
    assert_eq!(edit(&[0, 4, 255, 255, b'!']), "{\"a\": 12.5}!");
}
