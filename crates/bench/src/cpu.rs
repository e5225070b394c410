//! CPU time of this process.

use std::time::Duration;

/// User and system time that this process has used, from `/proc/self/stat` (fields 14 and 15, in ticks of 10 ms as
/// `getconf CLK_TCK` says on every Linux that Rust supports). Zero where there is no such file.
pub(crate) fn used() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the program's name in parentheses and may hold spaces: count from its end.
    let after = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks: u64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|t| t.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}
