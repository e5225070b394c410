//! The tests of the crate's public face, as one binary.

mod again;
mod common;
mod corpus;
mod decoding;
mod fuzz;
mod joined;
mod ordinary;
mod properties;
mod rules;
mod stream;
