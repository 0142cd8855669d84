//! Prints the Rust client of a document: progenitor's library, without its command line.
//!
//! `logitd-client-generator < openapi.json > lib.rs`

use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle, TagStyle, space_out_items};
use std::error::Error;
use std::io::{Write, stdin, stdout};

/// Builders: a parameter that is new later breaks no caller.
fn client(document: &openapiv3::OpenAPI) -> Result<String, Box<dyn Error>> {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_tag(TagStyle::Merged);
    let tokens = Generator::new(&settings).generate_tokens(document)?;
    let code = prettyplease::unparse(&syn::parse2(tokens)?);
    Ok(space_out_items(code)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let document = serde_json::from_reader(stdin().lock())?;
    stdout().write_all(client(&document)?.as_bytes())?;
    Ok(())
}
