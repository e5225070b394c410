//! In which code page console programs write when nobody watches.

use windows_sys::Win32::Globalization::GetOEMCP;

/// The number of the system's OEM code page, such as 437 or 850: what `cmd` and most console programs write to a pipe.
pub fn oem_code_page() -> u32 {
    // SAFETY: takes nothing and only reads a setting of the system.
    unsafe { GetOEMCP() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_page_is_one_that_exists() {
        assert!((37..=65_001).contains(&oem_code_page()), "{}", oem_code_page());
    }
}
