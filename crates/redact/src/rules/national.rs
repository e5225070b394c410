//! National ids written in digits, by check digit and by the words before them or the way they are grouped.

use domain::finding::FindingKind;

use super::checks;
use super::text::{Context, fielded, stands_alone, word_before};
use crate::groups::{Digits, Gap, Group};
use crate::matches::Match;
use crate::rule::{Confidence, Rule};

/// How an id is written and checked.
struct Numeric {
    rule: &'static Rule,
    context: Context,
    /// Lengths without separators.
    plain: &'static [usize],
    /// Lengths of the groups with separators.
    shape: &'static [usize],
    /// The separators of `shape`; empty means blanks or dashes throughout.
    gaps: &'static [Gap],
    /// Whether the grouping (as a field of its own) tells enough, without a word.
    by_shape: bool,
    /// Whether it needs neither a word nor grouping where its first digit is 1 or 2.
    alone: bool,
    check: fn(&[u8]) -> bool,
}

const fn probable(id: &'static str, check: &'static str, context: &'static [&'static str]) -> Rule {
    Rule {
        version: 2,
        confidence: Confidence::Probable,
        context,
        ..Rule::certain(id, FindingKind::NationalId, check)
    }
}

pub(crate) const RULES: &[Rule] = &[
    Rule {
        examples: &[
            "SIN: «130 692 544»",
            "sin=«130692544»",
            "id: «130-692-544»",
            "social_insurance_number=«130692544»",
            "\"SIN\": \"«130692544»\"",
            "<sin>«130692544»</sin>",
            "NAS «130692544»",
            "customerSIN «130692544»",
        ],
        counter_examples: &[
            "SIN: 130 692 545",
            "1 130 692 544 2",
            "130692544",
            "since 130692544 business 130692544",
        ],
        ..probable(
            "sin.ca",
            "Luhn digit",
            &["sin ", "nas ", "social insurance", "assurance sociale"],
        )
    },
    Rule {
        examples: &["NHS number «943 476 5919»", "nhs=«9434765919»"],
        counter_examples: &["NHS number 943 476 5918", "9434765919", "943 476 5919"],
        ..probable("nhs.uk", "weights, modulus 11", &["nhs"])
    },
    Rule {
        examples: &[
            "Steuer-ID: «86 095 742 719»",
            "IdNr «86095742719»",
            "id: «86 095 742 719»",
            "tax_id=«86095742719»",
            "Steueridentifikationsnummer    REG_SZ    «86095742719»",
        ],
        counter_examples: &["IdNr 86095742718", "86095742719"],
        ..probable(
            "steuer.de",
            "ISO/IEC 7064 MOD 11,10 and how often digits repeat",
            &["steuer", "idnr", "identifikationsnummer", "tin ", "tax id"],
        )
    },
    Rule {
        confidence: Confidence::Certain,
        examples: &[
            "NIR «1 85 05 78 006 084 91»",
            "num «185057800608491»",
            "NIR: «785057800608482»",
        ],
        counter_examples: &["185057800608492", "170531415312345", "imei 351629028750785"],
        ..probable(
            "nir.fr",
            "key of 97, month, place; sex 1 or 2 where no word says what it is",
            &[
                "nir ",
                "insee",
                "num secu",
                "numero secu",
                "securite sociale",
                "numss",
                "num ss",
            ],
        )
    },
    Rule {
        examples: &["BSN: «111222333»", "burgerservicenummer «111222333»"],
        counter_examples: &["BSN: 111222334", "111222333"],
        ..probable("bsn.nl", "weights, modulus 11", &["bsn", "burgerservice", "sofi"])
    },
    Rule {
        examples: &[
            "TFN «123 456 782»",
            "tax file number: «123456782»",
            "tax_file_number=«123456782»",
            "taxFileNumber: «123456782»",
        ],
        counter_examples: &["TFN 123 456 789", "123456782"],
        ..probable("tfn.au", "weights, modulus 11", &["tfn", "tax file"])
    },
    Rule {
        examples: &["Medicare «2123 45670 1»", "medicare=«2123456701»"],
        counter_examples: &["medicare 2123 45671 1", "2123 45670 1"],
        ..probable("medicare.au", "weights, modulus 10", &["medicare"])
    },
    Rule {
        examples: &[
            "Aadhaar «2341 2341 2346»",
            "aadhaar=«234123412346»",
            "id: «2341 2341 2346»",
        ],
        counter_examples: &["aadhaar 2341 2341 2347", "234123412346", "1 2341 2341 2346 5"],
        ..probable("aadhaar.in", "Verhoeff digit", &["aadhaar", "aadhar", "uidai"])
    },
    Rule {
        examples: &["CPF «529.982.247-25»", "«529.982.247-25»", "cpf=«52998224725»"],
        counter_examples: &["529.982.247-24", "52998224725"],
        ..probable("cpf.br", "two digits, modulus 11", &["cpf"])
    },
    Rule {
        examples: &["«11.222.333/0001-81»", "cnpj=«11222333000181»"],
        counter_examples: &["11.222.333/0001-82", "11222333000181"],
        ..probable("cnpj.br", "two digits, modulus 11", &["cnpj"])
    },
    Rule {
        kind: FindingKind::HealthId,
        examples: &[
            "NPI: «1234567893»",
            "national provider id «1234567893»",
            "<NationalProviderIdentifier>«1234567893»<",
        ],
        counter_examples: &["NPI: 1234567890", "1234567893"],
        ..probable(
            "npi.us",
            "Luhn digit over 80840 and the number",
            &["npi", "national provider"],
        )
    },
];

const BLANK: &[Gap] = &[];

const fn row(
    at: usize,
    plain: &'static [usize],
    shape: &'static [usize],
    by_shape: bool,
    check: fn(&[u8]) -> bool,
) -> Numeric {
    Numeric {
        rule: &RULES[at],
        context: Context::new(RULES[at].context),
        plain,
        shape,
        gaps: BLANK,
        by_shape,
        alone: false,
        check,
    }
}

/// The rules in the order in which they are tried.
const NUMERIC: &[Numeric] = &[
    row(0, &[9], &[3, 3, 3], true, checks::sin),
    row(1, &[10], &[3, 3, 4], false, checks::nhs),
    row(2, &[11], &[2, 3, 3, 3], true, checks::steuer),
    Numeric {
        alone: true,
        ..row(3, &[15], &[1, 2, 2, 2, 3, 3, 2], true, checks::nir)
    },
    row(4, &[9], &[4, 2, 3], false, checks::bsn),
    row(5, &[9], &[3, 3, 3], false, checks::tfn),
    row(6, &[10, 11], &[4, 5, 1], false, checks::medicare),
    row(7, &[12], &[4, 4, 4], true, checks::aadhaar),
    Numeric {
        gaps: &[Gap::Dot, Gap::Dot, Gap::Dash],
        ..row(8, &[11], &[3, 3, 3, 2], true, checks::cpf)
    },
    row(9, &[14], &[], false, checks::cnpj),
    row(10, &[10], &[], false, checks::npi),
];

/// Looks for an id that starts with the first of `groups`. Gives it and how many groups it covers.
pub(crate) fn at_group(bytes: &[u8], groups: &[Group]) -> Option<(Match, usize)> {
    NUMERIC.iter().find_map(|id| numeric(bytes, groups, id))
}

/// Whether groups of a shape can be the start of an id.
pub(crate) fn fits(shape: (usize, usize, usize)) -> bool {
    matches!(
        shape,
        (9..=12 | 14 | 15, _, _) | (3, 3, 3 | 4) | (2, 3, 3) | (1, 2, 2) | (4, 2, 3) | (4, 5, 1) | (4, 4, 4)
    )
}

fn numeric(bytes: &[u8], groups: &[Group], id: &Numeric) -> Option<(Match, usize)> {
    let first = groups.first()?;
    let count = if id.plain.contains(&first.len()) {
        1
    } else {
        id.shape.len()
    };
    if count == 0 || groups.len() < count {
        return None;
    }
    let used = &groups[..count];
    if count > 1 && !(used.iter().zip(id.shape).all(|(g, len)| g.len() == *len) && gaps_fit(used, id.gaps)) {
        return None;
    }
    let value = first.start..used[count - 1].end;
    if !(id.check)(&Digits::<16>::of(bytes, used)?) || !stands_alone(bytes, &value) {
        return None;
    }
    let whole = first.gap == Gap::None && groups.len() == count;
    let by_shape = count > 1 && id.by_shape && whole && (!id.gaps.is_empty() || fielded(bytes, &value));
    let alone = id.alone && whole && matches!(bytes[first.start], b'1' | b'2');
    let told = alone || by_shape || word_before(bytes, value.start, &id.context);
    told.then(|| (Match::new(id.rule.kind, id.rule.id, value), count))
}

fn gaps_fit(groups: &[Group], gaps: &[Gap]) -> bool {
    let mut found = groups[1..].iter().map(|g| g.gap);
    match (gaps, groups.get(1).map(|g| g.gap)) {
        ([], Some(first @ (Gap::Space | Gap::Dash))) => found.all(|g| g == first),
        ([], _) => false,
        (gaps, _) => found.eq(gaps.iter().copied()),
    }
}

/// A CNPJ as it is printed, `11.222.333/0001-81`, from `start` on.
pub(crate) fn company(bytes: &[u8], start: usize) -> Option<Match> {
    const SHAPE: &[u8; 18] = b"00.000.000/0000-00";
    let value = start..start + SHAPE.len();
    let text = bytes.get(value.clone())?;
    let shaped = text
        .iter()
        .zip(SHAPE)
        .all(|(b, s)| if *s == b'0' { b.is_ascii_digit() } else { b == s });
    if !shaped || !stands_alone(bytes, &value) {
        return None;
    }
    let mut digits = [0; 14];
    let written = text.iter().filter(|b| b.is_ascii_digit());
    digits.iter_mut().zip(written).for_each(|(to, from)| *to = *from);
    checks::cnpj(&digits).then(|| Match::new(FindingKind::NationalId, "cnpj.br", value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No id is turned away by its groups.
    #[test]
    fn every_id_fits() {
        for id in NUMERIC {
            assert!(id.plain.iter().all(|len| fits((*len, 0, 0))), "{}", id.rule.id);
            let mut shape = id.shape.iter().copied();
            let mut next = || shape.next().unwrap_or(0);
            assert!(id.shape.is_empty() || fits((next(), next(), next())), "{}", id.rule.id);
        }
    }
}
