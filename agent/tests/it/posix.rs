//! What is told by scripts of `sh`, and by /proc.

mod crash;
mod scripts;
