//! Check digits of cards and national ids. All take ASCII digits of the length that the caller has checked.

use super::text::{value, weighted};

/// ISO/IEC 7812-1 annex B (Luhn).
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits.iter().rev().enumerate().fold(0, |sum, (i, d)| {
        let d = value(*d);
        sum + if i % 2 == 0 {
            d
        } else {
            d * 2 - if d > 4 { 9 } else { 0 }
        }
    });
    sum.is_multiple_of(10)
}

/// Canada: social insurance numbers (Luhn; none starts with 0 or 8).
pub(crate) fn sin(d: &[u8]) -> bool {
    !matches!(d[0], b'0' | b'8') && luhn(d)
}

/// UK: NHS numbers (weights 10 … 2, modulus 11).
pub(crate) fn nhs(d: &[u8]) -> bool {
    let rest = 11 - weighted(&d[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    rest != 10 && rest % 11 == value(d[9]) && mixed(d)
}

/// Germany: tax ids (ISO/IEC 7064 MOD 11,10; exactly one digit of the first ten comes twice or three times).
pub(crate) fn steuer(d: &[u8]) -> bool {
    let mut counts = [0u8; 10];
    d[..10].iter().for_each(|d| counts[value(*d) as usize] += 1);
    let repeated = counts.iter().filter(|c| **c > 1).count();
    let most = counts.iter().max().copied().unwrap_or(0);
    let product = d[..10].iter().fold(10, |product, d| {
        let sum = (value(*d) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    let check = (11 - product) % 10;
    d[0] != b'0' && repeated == 1 && most <= 3 && check == value(d[10])
}

/// France: NIR of 15 digits (sex, year, month, place, order; key 97 minus the rest by 97).
pub(crate) fn nir(d: &[u8]) -> bool {
    let number = |d: &[u8]| d.iter().fold(0u64, |n, d| n * 10 + u64::from(value(*d)));
    let month = number(&d[3..5]);
    let real = matches!(d[0], b'1' | b'2' | b'3' | b'4' | b'7' | b'8')
        && matches!(month, 1..=12 | 20..=42 | 50..=99)
        && d[5..7] != *b"00";
    real && 97 - number(&d[..13]) % 97 == number(&d[13..])
}

/// Netherlands: citizen service numbers (weights 9 … 2 and -1, modulus 11).
pub(crate) fn bsn(d: &[u8]) -> bool {
    let sum = weighted(&d[..8], &[9, 8, 7, 6, 5, 4, 3, 2]);
    sum >= value(d[8]) && (sum - value(d[8])).is_multiple_of(11) && mixed(d)
}

/// Australia: tax file numbers (weights, modulus 11).
pub(crate) fn tfn(d: &[u8]) -> bool {
    weighted(d, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11) && mixed(d)
}

/// Australia: Medicare card numbers (weights, modulus 10; the first digit is 2 to 6).
pub(crate) fn medicare(d: &[u8]) -> bool {
    matches!(d[0], b'2'..=b'6') && weighted(&d[..8], &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == value(d[8])
}

/// India: Aadhaar (Verhoeff; none starts with 0 or 1).
pub(crate) fn aadhaar(d: &[u8]) -> bool {
    const PERMUTED: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let check = d.iter().rev().enumerate().fold(0u8, |check, (i, d)| {
        let mut digit = d - b'0';
        for _ in 0..i % 8 {
            digit = PERMUTED[usize::from(digit)];
        }
        dihedral(check, digit)
    });
    check == 0 && !matches!(d[0], b'0' | b'1')
}

/// Multiplication in the dihedral group of order 10.
fn dihedral(a: u8, b: u8) -> u8 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - 5 + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

/// Brazil: CPF (two check digits, modulus 11).
pub(crate) fn cpf(d: &[u8]) -> bool {
    let check = |n: usize| {
        let sum: u32 = d[..n]
            .iter()
            .zip(0u32..)
            .map(|(d, i)| value(*d) * (n as u32 + 1 - i))
            .sum();
        sum * 10 % 11 % 10 == value(d[n])
    };
    check(9) && check(10) && mixed(d)
}

/// Brazil: CNPJ (two check digits, weights 2 to 9 from the right, modulus 11).
pub(crate) fn cnpj(d: &[u8]) -> bool {
    let check = |n: usize| {
        let sum: u32 = d[..n]
            .iter()
            .rev()
            .zip(0u32..)
            .map(|(d, i)| value(*d) * (i % 8 + 2))
            .sum();
        (if sum % 11 < 2 { 0 } else { 11 - sum % 11 }) == value(d[n])
    };
    check(12) && check(13) && mixed(d)
}

/// US: national provider identifiers (Luhn over 80840 and the number; the first digit is 1 or 2).
pub(crate) fn npi(d: &[u8]) -> bool {
    let mut whole = *b"808400000000000";
    whole[5..].copy_from_slice(&d[..10]);
    matches!(d[0], b'1' | b'2') && luhn(&whole)
}

/// Whether not all digits are the same.
fn mixed(d: &[u8]) -> bool {
    d.iter().any(|b| *b != d[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    type Check = fn(&[u8]) -> bool;

    /// R32: published examples pass, and any other last digit fails.
    #[test]
    fn published_numbers_pass_and_their_neighbours_fail() {
        let cases: &[(Check, &str)] = &[
            (sin, "130692544"),
            (nhs, "9434765919"),
            (steuer, "86095742719"),
            (nir, "185057800608491"),
            (bsn, "111222333"),
            (tfn, "123456782"),
            (aadhaar, "234123412346"),
            (cpf, "52998224725"),
            (cnpj, "11222333000181"),
            (npi, "1234567893"),
        ];
        for (check, number) in cases {
            assert!(check(number.as_bytes()), "{number}");
            for other in b'0'..=b'9' {
                let mut wrong = number.as_bytes().to_vec();
                let last = wrong.len() - 1;
                let right = std::mem::replace(&mut wrong[last], other);
                assert!(other == right || !check(&wrong), "{number} with {}", char::from(other));
            }
        }
        assert!(medicare(b"2123456701") && !medicare(b"2123456711"));
    }
}
