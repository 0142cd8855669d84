//! What of a text is code: comments, literals and test items are blanked where they stand.
//!
//! Shape: one pass over the bytes, which knows comments (nested too), strings (raw ones too),
//! characters and lifetimes; then a second one for the items behind `#[cfg(test)]`.

/// A text without what is not code.
pub(crate) struct Stripped {
    /// As long as the text, with blanks.
    pub(crate) code: Vec<u8>,
    /// The string literals, each with the offset that it begins at.
    pub(crate) literals: Vec<(usize, String)>,
}

impl Stripped {
    /// Blanks comments and literals.
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut stripped = Self {
            code: text.to_vec(),
            literals: Vec::new(),
        };
        let mut at = 0;
        while at < text.len() {
            at = stripped.step(text, at);
        }
        stripped
    }

    /// Blanks what begins at `at`, if it is no code, and gives where to go on.
    fn step(&mut self, text: &[u8], at: usize) -> usize {
        let rest = &text[at..];
        let after_word = at > 0 && is_word(text[at - 1]);
        let raw_prefix = ["br", "cr", "r"]
            .into_iter()
            .find(|p| rest.starts_with(p.as_bytes()));
        if rest.starts_with(b"//") {
            let end = rest
                .iter()
                .position(|byte| *byte == b'\n')
                .unwrap_or(rest.len());
            return self.blank(at, at + end);
        }
        if rest.starts_with(b"/*") {
            return self.blank(at, at + block_comment_length(rest));
        }
        if let (false, Some(prefix)) = (after_word, raw_prefix) {
            let hashes = rest[prefix.len()..]
                .iter()
                .take_while(|byte| **byte == b'#')
                .count();
            let opening = prefix.len() + hashes + 1;
            if rest.get(opening - 1) == Some(&b'"') {
                let closing = [b"\"".as_slice(), "#".repeat(hashes).as_bytes()].concat();
                let length = find(&rest[opening..], &closing).unwrap_or(rest.len() - opening);
                return self.literal(at, opening, length, closing.len());
            }
        }
        match rest[0] {
            b'"' => self.literal(at, 1, quoted_length(&rest[1..], b'"'), 1),
            b'\'' => self.blank(at, at + char_length(rest)).max(at + 1),
            _ => at + 1,
        }
    }

    fn literal(&mut self, at: usize, opening: usize, length: usize, closing: usize) -> usize {
        let start = at + opening;
        let end = (start + length).min(self.code.len());
        self.literals.push((
            at,
            String::from_utf8_lossy(&self.code[start..end]).into_owned(),
        ));
        self.blank(start, end);
        (end + closing).min(self.code.len())
    }

    fn blank(&mut self, from: usize, to: usize) -> usize {
        for byte in &mut self.code[from..to] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        to
    }

    /// Blanks every item behind `#[cfg(test)]` and gives where they were.
    pub(crate) fn cut_tests(&mut self) -> Vec<std::ops::Range<usize>> {
        const MARK: &[u8] = b"#[cfg(test)]";
        let mut cut = Vec::new();
        let mut from = 0;
        while let Some(offset) = find(&self.code[from..], MARK) {
            let start = from + offset;
            from = item_end(&self.code, start + MARK.len());
            self.blank(start, from);
            cut.push(start..from);
        }
        cut
    }
}

/// Where the item that begins at `from` ends: at its semicolon or its closing brace.
pub(crate) fn item_end(code: &[u8], from: usize) -> usize {
    let mut depth = 0_i32;
    for (at, byte) in code.iter().enumerate().skip(from) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        // Closing an attribute also comes back to depth 0, but ends nothing.
        if depth == 0 && (*byte == b';' || *byte == b'}') {
            return at + 1;
        }
    }
    code.len()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len())
        .position(|window| window == wanted)
}

fn block_comment_length(text: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        match &text[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// Up to the closing quote, which a backslash may hide.
fn quoted_length(text: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while at < text.len() && text[at] != quote {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at.min(text.len())
}

/// The length of a character literal; 0 for a lifetime.
fn char_length(text: &[u8]) -> usize {
    let character = std::str::from_utf8(&text[1..text.len().min(6)]);
    let width = match character {
        Ok(rest) => rest.chars().next().map_or(1, char::len_utf8),
        Err(fault) if fault.valid_up_to() > 0 => 1.max(fault.valid_up_to().min(4)),
        Err(_) => 1,
    };
    match text.get(1) {
        Some(b'\\') => quoted_length(&text[1..], b'\'') + 2,
        _ if text.get(1 + width) == Some(&b'\'') => width + 2,
        _ => 0,
    }
}
