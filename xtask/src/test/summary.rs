//! The closing lines of test runners: `test result: …` of cargo test, `pass N` and its like of `node --test`.

use anyhow::{Result, bail, ensure};

/// What a runner says it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Ignored, skipped, cancelled or put off: whatever did not run.
    pub(crate) left_out: u64,
}

/// Sums the summaries of all test binaries and documentation tests in what `cargo test` printed.
///
/// `test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s`
pub(crate) fn of_cargo(output: &str) -> Result<Counts> {
    let mut sum = Counts::default();
    let mut summaries = 0;
    for line in output.lines() {
        let Some(rest) = line.trim().strip_prefix("test result: ") else {
            continue;
        };
        let Some((_, counts)) = rest.split_once(". ") else {
            bail!("a summary of cargo test has changed: {line:?}")
        };
        sum.passed += before(counts, "passed")?;
        sum.failed += before(counts, "failed")?;
        sum.left_out += before(counts, "ignored")? + before(counts, "filtered out")?;
        summaries += 1;
    }
    ensure!(summaries > 0, "cargo test printed no summary");
    Ok(sum)
}

/// The number before `word` in `3 passed; 0 failed; …`.
fn before(counts: &str, word: &str) -> Result<u64> {
    for part in counts.split(';') {
        if let Some(number) = part.trim().strip_suffix(word) {
            return Ok(number.trim().parse()?);
        }
    }
    bail!("no count of {word} in {counts:?}")
}

/// Reads the summary of `node --test`, in the spec reporter's form (`ℹ pass 3`) or in TAP's (`# pass 3`).
pub(crate) fn of_node(output: &str) -> Result<Counts> {
    let number = |word: &str| {
        let found = output.lines().rev().find_map(|line| {
            let rest = line
                .trim()
                .strip_prefix(['ℹ', '#'])?
                .trim()
                .strip_prefix(word)?
                .strip_prefix(' ')?;
            rest.trim().parse::<u64>().ok()
        });
        found.ok_or_else(|| anyhow::anyhow!("node --test printed no count of {word}"))
    };
    let (tests, passed, failed) = (number("tests")?, number("pass")?, number("fail")?);
    let left_out = number("cancelled")? + number("skipped")? + number("todo")?;
    ensure!(
        tests == passed + failed + left_out,
        "node --test counted {tests} tests but only {passed} + {failed} + {left_out}"
    );
    Ok(Counts {
        passed,
        failed,
        left_out,
    })
}

/// Turns a runner's counts and exit status into what counts: an error if they disagree or nothing ran; a test that was
/// left out counts as failed.
pub(crate) fn judge(counts: Counts, exited_well: bool) -> Result<Counts> {
    let Counts {
        passed,
        failed,
        left_out,
    } = counts;
    ensure!(passed + failed > 0, "no test ran");
    ensure!(
        exited_well || failed + left_out > 0,
        "the runner failed though no test of it did"
    );
    ensure!(
        !exited_well || failed == 0,
        "the runner succeeded though {failed} tests failed"
    );
    Ok(Counts {
        passed,
        failed: failed + left_out,
        left_out,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARGO: &str = "\
     Running unittests src/lib.rs
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
test a ... FAILED
test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s
";

    const NODE: &str = "✔ one (3.1ms)\nℹ tests 3\nℹ suites 0\nℹ pass 2\nℹ fail 1\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\nℹ duration_ms 71\n";

    #[test]
    fn cargo_summaries_add_up() {
        assert_eq!(
            of_cargo(CARGO).unwrap(),
            Counts {
                passed: 7,
                failed: 2,
                left_out: 0
            }
        );
        let ignored = CARGO.replace("0 ignored", "1 ignored");
        assert_eq!(of_cargo(&ignored).unwrap().left_out, 2);
        let filtered = CARGO.replace("0 filtered", "5 filtered");
        assert_eq!(of_cargo(&filtered).unwrap().left_out, 10);
    }

    #[test]
    fn node_summaries_are_read_in_both_forms() {
        let expected = Counts {
            passed: 2,
            failed: 1,
            left_out: 0,
        };
        assert_eq!(of_node(NODE).unwrap(), expected);
        assert_eq!(of_node(&NODE.replace('ℹ', "#")).unwrap(), expected);
        let skipped = NODE.replace("pass 2", "pass 1").replace("skipped 0", "skipped 1");
        assert_eq!(of_node(&skipped).unwrap().left_out, 1);
    }

    #[test]
    fn output_without_a_summary_is_an_error() {
        assert!(of_cargo("error: could not compile").is_err());
        assert!(of_cargo("test result: ok. all fine").is_err());
        assert!(of_node("").is_err());
        assert!(of_node("ℹ tests 3\nℹ pass 3\n").is_err());
        assert!(
            of_node(&NODE.replace("tests 3", "tests 4")).is_err(),
            "a test that is in no count"
        );
    }

    #[test]
    fn nothing_run_something_left_out_or_a_contradiction_fails() {
        let counts = |passed, failed, left_out| Counts {
            passed,
            failed,
            left_out,
        };
        assert!(judge(counts(3, 0, 0), true).is_ok());
        assert_eq!(judge(counts(3, 1, 0), false).unwrap().failed, 1);
        assert!(judge(counts(0, 0, 0), true).is_err());
        assert_eq!(judge(counts(3, 0, 2), true).unwrap().failed, 2, "left out is failed");
        assert!(judge(counts(3, 0, 0), false).is_err(), "crashed after its tests");
        assert!(judge(counts(3, 1, 0), true).is_err());
    }
}
