//! The card as a page.
//!
//! Shape: [`whole`] puts it together; a file a part: what it is ([`glance`]), what to look at
//! ([`warnings`]), how good it is ([`quality`]), its curves for one class ([`class_curves`]), its
//! coefficients ([`coefficients`]) and its training rows ([`features`]). Every name in it is anybody's:
//! `maud` escapes whatever it is given.

mod class_curves;
mod coefficients;
mod features;
mod glance;
mod quality;
mod warnings;
mod whole;

pub(super) use whole::{class_asked_for, page};
