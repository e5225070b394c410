//! The record, from outside: published vectors, independent implementations, tampering of every kind, and pinned bytes.

mod bundles;
mod checkpoints;
mod golden;
mod logs;
mod proofs;
mod sample;
mod tree;
