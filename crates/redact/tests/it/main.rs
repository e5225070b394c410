//! The tests of the crate's public face, as one binary.

mod again;
mod common;
mod corpus;
mod properties;
mod stream;
