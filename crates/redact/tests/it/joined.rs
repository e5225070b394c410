//! What only several lines tell, and what a screen shows of carriage returns.

use crate::common::{check_findings, pieces, single_characters, whole};
use domain::sensitive::Raw;
use redact::{Redactor, Settings, again};

const CASES: &[(&str, &str)] = &[
    (
        "Name        Number\n----        ------\nJane        42424242\n            42424242\nBob         1\n",
        "Name        Number\n----        ------\nJane        [card •••• 4242]\n            [card]\nBob         1\n",
    ),
    (
        "Jane  4242-42\n      42-4242\n      -4242\nend\n",
        "Jane  [card •••• 4242]\n      [card]\n      [card]\nend\n",
    ),
    (
        "  <AdministratorPassword>\r\n    <Value>UEBzc3cwcmQ=</Value>\r\n    <PlainText>false</PlainText>\r\n",
        "  <AdministratorPassword>\r\n    <Value>[password]</Value>\r\n    <PlainText>false</PlainText>\r\n",
    ),
    ("Jane  42424242\nBob   42424242\n", "Jane  42424242\nBob   42424242\n"),
    ("Jane  42424242\n     42424242\n", "Jane  42424242\n     42424242\n"),
    ("<Name>\n  <Value>x</Value>\n", "<Name>\n  <Value>x</Value>\n"),
    ("x 42424242\n  42424242", "x [card •••• 4242]\n  [card]"),
    // The screen shows the second part before the first.
    ("........42424242\r42424242\n", "........[card •••• 4242]\r[card]\n"),
    (
        "working 10%\rworking 20%\rdone       \n",
        "working 10%\rworking 20%\rdone       \n",
    ),
    ("4242\r424242424242\n", "4242\r424242424242\n"),
];

/// R31, R33: found over lines and overwritten columns, however the stream is cut, and once.
#[test]
fn wrapped_columns_elements_and_overwritten_lines() {
    let settings = Settings::default();
    for (text, expected) in CASES {
        let out = whole(&settings, text);
        check_findings(&out);
        assert_eq!(out.text(), *expected);
        for (at, _) in text.char_indices() {
            let (a, b) = text.split_at(at);
            assert_eq!(pieces(&settings, [a, b]), out, "{text:?} cut at {at}");
        }
        assert_eq!(single_characters(&settings, text), out);
        assert_eq!(whole(&settings, out.text()).text(), out.text());
        assert_eq!(again(&settings, out.text(), out.findings().to_vec()), out);
        assert_eq!(
            again(&settings, text, vec![]).text(),
            out.text(),
            "the server finds it too"
        );
    }
}

/// R31: a line is held only while the next one could change what it means.
#[test]
fn only_lines_that_can_go_on_are_held() {
    let mut redactor = Redactor::new(&Settings::default());
    assert_eq!(
        redactor.push(Raw::new("total 12\nJane  42424242\n")).text(),
        "total 12\n"
    );
    assert_eq!(redactor.push(Raw::new("      ")).text(), "");
    assert_eq!(redactor.push(Raw::new("x\n")).text(), "Jane  42424242\n      x\n");
    assert_eq!(redactor.push(Raw::new("Jane  42424242\n")).text(), "");
    assert_eq!(redactor.push(Raw::new("B")).text(), "Jane  42424242\n");
}
