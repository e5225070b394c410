//! From the kernel's names of keys back to those that people and scopes use.

use super::{Access, Hive, Key};

/// `HKLM\…` or `HKU\…` for a kernel's name; none for another. `current` is the control set that `CurrentControlSet` stands
/// for, such as `ControlSet001`.
pub(super) fn from_kernel(kernel: &str, current: Option<String>) -> Option<String> {
    let mut parts = kernel.strip_prefix('\\')?.split('\\');
    if !parts.next()?.eq_ignore_ascii_case("REGISTRY") {
        return None;
    }
    let root = parts.next()?;
    let (hive, mut rest): (_, Vec<&str>) = if root.eq_ignore_ascii_case("MACHINE") {
        ("HKLM", parts.collect())
    } else if root.eq_ignore_ascii_case("USER") {
        ("HKU", parts.collect())
    } else {
        return None;
    };
    if let ("HKLM", [system, set, ..], Some(current)) = (hive, &mut rest[..], &current)
        && system.eq_ignore_ascii_case("SYSTEM")
        && set.eq_ignore_ascii_case(current)
    {
        *set = "CurrentControlSet";
    }
    rest.insert(0, hive);
    Some(rest.join("\\"))
}

/// The control set that the system runs with, as `HKLM\SYSTEM\Select` says; none when it does not say.
pub(super) fn current_control_set() -> Option<String> {
    let select = Key::open(Hive::Machine, r"SYSTEM\Select", Access::Read).ok()?;
    let number = select.value("Current").ok()??.number()?;
    Some(format!("ControlSet{number:03}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R21: one key has one name, by whichever control set it was opened; what no scope can name has none.
    #[test]
    fn kernel_names_become_those_that_scopes_use() {
        let named = |kernel: &str| from_kernel(kernel, Some("ControlSet001".into()));
        for (kernel, name) in [
            (r"\REGISTRY\MACHINE\SOFTWARE\Vendor", Some(r"HKLM\SOFTWARE\Vendor")),
            (r"\Registry\Machine", Some("HKLM")),
            (r"\REGISTRY\USER\S-1-5-18\Console", Some(r"HKU\S-1-5-18\Console")),
            (
                r"\REGISTRY\MACHINE\SYSTEM\ControlSet001\Services",
                Some(r"HKLM\SYSTEM\CurrentControlSet\Services"),
            ),
            (
                r"\REGISTRY\MACHINE\SYSTEM\ControlSet002\Services",
                Some(r"HKLM\SYSTEM\ControlSet002\Services"),
            ),
            (
                r"\REGISTRY\USER\SYSTEM\ControlSet001",
                Some(r"HKU\SYSTEM\ControlSet001"),
            ),
            (r"\REGISTRY\A\{1}\x", None),
            (r"\Device\x", None),
            ("", None),
        ] {
            assert_eq!(named(kernel).as_deref(), name, "{kernel}");
        }
        assert_eq!(
            from_kernel(r"\REGISTRY\MACHINE\SYSTEM\ControlSet001", None).as_deref(),
            Some(r"HKLM\SYSTEM\ControlSet001")
        );
    }
}
