//! Pages for people: HTML that needs no script and loads nothing.
//!
//! Shape: [`accept`] tells a reader with a browser from a program, and [`basic`]
//! takes the key that a browser sends; [`frame`] is what stands around
//! every page, [`policy`] what keeps it harmless; [`plots`] draws; [`numbers`] writes numbers as
//! people read them. What a page says is written beside what it is about: `card`, `status`.
//!
//! Concurrency: none; a page is made anew for every request.
//!
//! Turned down: `askama` (twice the crates of `maud`, and a template's mistakes show in another file)
//! and `charming` (its plots are drawn by a script, or by a JavaScript engine inside the service).

mod accept;
mod basic;
mod frame;
mod numbers;
pub(super) mod plots;
mod policy;

pub(super) use accept::{AcceptsPage, PageOr, page_or};
pub(super) use basic::{challenged, is_of_a_page, password};
pub(super) use frame::{HtmlPage, scrolled, when, worded};
pub(super) use numbers::{known, measured, or_dash, shortened, significant};
pub(super) use policy::{by_hash, harmless};
