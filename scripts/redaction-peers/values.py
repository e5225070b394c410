"""Made-up values of each kind, from the published specifications of their formats.

Nothing here is taken from the engines that are compared. Telephone numbers are from the ranges that the countries' regulators
keep for films and examples, domains from RFC 2606; everything else is random digits in the right shape with a valid check
digit. A value is a pair (form, text); `form` names the format within its kind, such as `visa` or `bsn.nl`.
"""

from __future__ import annotations

import base64
import json
import string
import zlib
from collections.abc import Callable
from random import Random

DIGITS = string.digits
UPPER = string.ascii_uppercase
LOWER = string.ascii_lowercase
ALNUM = string.ascii_letters + DIGITS
HEX = "0123456789abcdef"
BASE64 = ALNUM + "+/"
URL64 = ALNUM + "-_"
BASE32 = UPPER + "234567"

Value = tuple[str, str]


def some(r: Random, n: int, alphabet: str = ALNUM) -> str:
    return "".join(r.choice(alphabet) for _ in range(n))


def number(r: Random, n: int) -> str:
    return some(r, n, DIGITS)


# -- check digits ----------------------------------------------------------------------------------


def luhn_digit(digits: str) -> str:
    """ISO/IEC 7812-1 annex B: the digit to append."""
    total = 0
    for i, d in enumerate(reversed(digits)):
        n = int(d) * (2 if i % 2 == 0 else 1)
        total += n - 9 if n > 9 else n
    return str(-total % 10)


def weigh(digits: str, weights: list[int]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights))


VERHOEFF_P = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
for _ in range(6):
    VERHOEFF_P.append([VERHOEFF_P[1][d] for d in VERHOEFF_P[-1]])
VERHOEFF_INVERSE = [0, 4, 3, 2, 1, 5, 6, 7, 8, 9]


def verhoeff_times(a: int, b: int) -> int:
    """Multiplication in the dihedral group of order ten."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


def verhoeff_digit(digits: str) -> str:
    c = 0
    for i, d in enumerate(reversed(digits), start=1):
        c = verhoeff_times(c, VERHOEFF_P[i % 8][int(d)])
    return str(VERHOEFF_INVERSE[c])


# -- payment cards ---------------------------------------------------------------------------------

# Issuer identification numbers and lengths as the networks publish them (collected in Wikipedia, "Payment card number").
CARDS: dict[str, tuple[list[tuple[int, int]], list[int]]] = {
    "visa": ([(4, 4)], [16, 16, 16, 13, 19]),
    "mastercard": ([(51, 55), (51, 55), (51, 55), (2221, 2720)], [16]),
    "amex": ([(34, 34), (37, 37)], [15]),
    "discover": ([(6011, 6011), (644, 649), (65, 65)], [16, 16, 19]),
    "jcb": ([(3528, 3589)], [16, 16, 19]),
    "diners": ([(300, 305), (3095, 3095), (36, 36), (38, 39)], [14, 14, 16, 19]),
    "unionpay": ([(62, 62)], [16, 17, 18, 19]),
    "maestro": (
        [(5018, 5018), (5020, 5020), (5038, 5038), (5893, 5893), (6304, 6304), (6759, 6759), (6761, 6763)],
        [12, 13, 14, 15, 16, 17, 18, 19],
    ),
    "mir": ([(2200, 2204)], [16, 17, 18, 19]),
    "rupay": ([(60, 60), (81, 82), (508, 508)], [16]),
    # Networks of one country or region, which fewer engines know.
    "regional": (
        [
            (5019, 5019),
            (506099, 506198),
            (650002, 650027),
            (9792, 9792),
            (637, 639),
            (604001, 604200),
            (2205, 2205),
            (8600, 8600),
            (9860, 9860),
        ],
        [16],
    ),
}


def card_digits(r: Random, network: str) -> str:
    ranges, lengths = CARDS[network]
    low, high = r.choice(ranges)
    prefix = str(r.randint(low, high))
    body = prefix + number(r, r.choice(lengths) - len(prefix) - 1)
    return body + luhn_digit(body)


def card_grouped(r: Random, digits: str) -> str:
    """As people and programs write it: mostly without separators, else in the groups that are printed on the card."""
    if r.random() < 0.6:
        return digits
    joint = r.choice("   -- .")
    if len(digits) == 15:
        parts = [digits[:4], digits[4:10], digits[10:]]
    elif len(digits) == 14:
        parts = [digits[:4], digits[4:10], digits[10:]]
    elif len(digits) in (16, 19):
        parts = [digits[i : i + 4] for i in range(0, len(digits), 4)]
    else:
        return digits
    return joint.join(parts)


def card(r: Random) -> Value:
    weights = {"visa": 8, "mastercard": 6, "amex": 3, "regional": 1}
    network = r.choices(list(CARDS), [weights.get(n, 2) for n in CARDS])[0]
    return network, card_grouped(r, card_digits(r, network))


def track(r: Random) -> Value:
    """Magnetic stripe, ISO/IEC 7813."""
    pan = card_digits(r, r.choice(["visa", "mastercard", "amex"]))
    expiry = f"{r.randint(25, 32):02}{r.randint(1, 12):02}"
    if r.random() < 0.5:
        return "track1", f"%B{pan}^CARDHOLDER/TEST^{expiry}201{number(r, 10)}?"
    return "track2", f";{pan}={expiry}201{number(r, 9)}?"


# -- persons ---------------------------------------------------------------------------------------

FIRST = [
    "anna",
    "ben",
    "carla",
    "dmitri",
    "elif",
    "farid",
    "greta",
    "hugo",
    "ines",
    "jonas",
    "kim",
    "lena",
    "mia",
    "noor",
]
LAST = ["muster", "sample", "example", "tester", "demo", "placeholder", "specimen", "fixture", "dummy"]
MAIL_DOMAINS = [
    "example.com",
    "example.org",
    "example.net",
    "mail.example.com",
    "pos.example.org",
    "eu.shop.example.net",
]


def email(r: Random) -> Value:
    """RFC 5322 local parts in the forms that mail systems hand out."""
    first, last = r.choice(FIRST), r.choice(LAST)
    local = r.choice(
        [
            f"{first}.{last}",
            f"{first}_{last}",
            f"{first[0]}{last}{r.randint(1, 99)}",
            f"{first}+till{r.randint(1, 9)}",
            f"{first}-{last}",
            f"{last}{number(r, 4)}",
            f"{first}.o'{last}",
            f"{first.title()}.{last.title()}",
        ]
    )
    if r.random() < 0.05:
        return "active directory", f"{local}@corp.local"
    return "address", f"{local}@{r.choice(MAIL_DOMAINS)}"


def nanp(r: Random) -> tuple[str, str, str]:
    area = r.choice(["202", "212", "303", "312", "404", "415", "512", "617", "702", "808", "916"])
    return area, "555", f"01{number(r, 2)}"


def phone_international(r: Random) -> Value:
    """E.164 with the separators of ITU-T E.123, and those seen in practice."""
    area, exchange, line = nanp(r)
    n2, n3 = number(r, 2), number(r, 3)
    return "international", r.choice(
        [
            f"+1 {area}-{exchange}-{line}",
            f"+1 ({area}) {exchange}-{line}",
            f"+1{area}{exchange}{line}",
            f"+1-{area}-{exchange}-{line}",
            f"+1.{area}.{exchange}.{line}",
            f"+1 {area} {exchange} {line}",
            f"+44 20 7946 0{n3}",
            f"+44 (0)20 7946 0{n3}",
            f"+442079460{n3}",
            f"+44 7700 900{n3}",
            f"+44 161 496 0{n3}",
            f"+49 30 23125 {n3}",
            f"+49 (30) 23125{n3}",
            f"+493023125{n3}",
            f"+49 30 23125-{n3}",
            f"+33 1 99 00 {n2} {number(r, 2)}",
            f"+331990{number(r, 2)}{number(r, 3)}",
            f"+61 491 570 {n3}",
            f"+61 2 5550 {number(r, 4)}",
            f"+353 20 913 {number(r, 4)}",
            f"+46 31 390 06 {n2}",
        ]
    )


def phone_us(r: Random) -> Value:
    area, exchange, line = nanp(r)
    return "us", r.choice(
        [
            f"({area}) {exchange}-{line}",
            f"{area}-{exchange}-{line}",
            f"{area}.{exchange}.{line}",
            f"1-{area}-{exchange}-{line}",
            f"({area}){exchange}-{line}",
            f"{area} {exchange}-{line}",
        ]
    )


def phone_national(r: Random) -> Value:
    """Without the country's code; only where a word says what it is."""
    area, exchange, line = nanp(r)
    n3 = number(r, 3)
    return "national", r.choice(
        [
            f"020 7946 0{n3}",
            f"0161 496 0{n3}",
            f"07700 900{n3}",
            f"07700900{n3}",
            f"030 23125{n3}",
            f"030/23125{n3}",
            f"01 99 00 {number(r, 2)} {number(r, 2)}",
            f"0491 570 {n3}",
            f"{area}{exchange}{line}",
            f"{area} {exchange} {line}",
        ]
    )


def ssn(r: Random) -> str:
    """Areas, groups and serials that can be issued (SSA, after randomization)."""
    area = r.choice([a for a in range(1, 900) if a != 666])
    return f"{area:03}-{r.randint(1, 99):02}-{r.randint(1, 9999):04}"


# -- bank accounts ---------------------------------------------------------------------------------

# Structures of the basic account number, from the IBAN registry (n digits, a capitals, c either).
IBANS = {
    "DE": "18n",
    "GB": "4a14n",
    "FR": "10n11c2n",
    "NL": "4a10n",
    "ES": "20n",
    "IT": "1a10n12c",
    "BE": "12n",
    "AT": "16n",
    "CH": "5n12c",
    "PL": "24n",
    "SE": "20n",
    "NO": "11n",
    "DK": "14n",
    "FI": "14n",
    "IE": "4a14n",
    "PT": "21n",
    "LU": "3n13c",
    "CZ": "20n",
    "HU": "24n",
    "GR": "7n16c",
    "RO": "4a16c",
    "TR": "6n16c",
    "SA": "2n18c",
    "AE": "19n",
    "MT": "4a5n18c",
    "LI": "5n12c",
    "EE": "16n",
    "LT": "16n",
    "BR": "23n1a1c",
    "IL": "19n",
}


def iban(r: Random) -> Value:
    country = r.choice(list(IBANS))
    bban, count = "", ""
    for c in IBANS[country]:
        if c.isdigit():
            count += c
            continue
        bban += some(r, int(count), {"n": DIGITS, "a": UPPER, "c": DIGITS + UPPER}[c])
        count = ""
    as_number = "".join(str(int(c, 36)) for c in f"{bban}{country}00")
    text = f"{country}{98 - int(as_number) % 97:02}{bban}"
    if r.random() < 0.4:
        text = " ".join(text[i : i + 4] for i in range(0, len(text), 4))
    return "iban." + country.lower(), text


# -- national ids ----------------------------------------------------------------------------------


def groups(text: str, sizes: list[int], joint: str = " ") -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at : at + size])
        at += size
    return joint.join(parts)


def sin_ca(r: Random) -> str:
    body = r.choice("12345679") + number(r, 7)
    return groups(body + luhn_digit(body), [3, 3, 3], r.choice([" ", "-", ""]))


def nhs_uk(r: Random) -> str:
    while True:
        body = r.choice("467") + number(r, 8)
        check = 11 - weigh(body, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11
        if check != 10:
            return groups(body + str(check % 11), [3, 3, 4], r.choice([" ", " ", ""]))


def steuer_de(r: Random) -> str:
    """Ten digits of which exactly one comes twice or three times (not side by side thrice), then ISO/IEC 7064 MOD 11,10."""
    while True:
        used = r.sample(DIGITS, 9)
        body = used + [r.choice(used)]
        if r.random() < 0.4:
            used = r.sample(DIGITS, 8)
            body = used + [used[0]] * 2
        r.shuffle(body)
        text = "".join(body)
        if text[0] != "0" and not any(text[i] == text[i + 1] == text[i + 2] for i in range(8)):
            break
    product = 10
    for d in text:
        product = ((int(d) + product) % 10 or 10) * 2 % 11
    return groups(text + str((11 - product) % 10), [2, 3, 3, 3], r.choice([" ", ""]))


def nir_fr(r: Random) -> str:
    place = r.choice(
        [
            f"{r.choice([d for d in range(1, 96) if d != 20]):02}{r.randint(1, 990):03}",
            f"97{r.randint(1, 4)}{r.randint(1, 90):02}",
            f"99{r.randint(101, 990)}",
        ]
    )
    body = f"{r.choice('12')}{r.randint(0, 99):02}{r.randint(1, 12):02}{place}{r.randint(1, 999):03}"
    whole = f"{body}{97 - int(body) % 97:02}"
    return groups(whole, [1, 2, 2, 2, 3, 3, 2], r.choice([" ", ""]))


def bsn_nl(r: Random) -> str:
    while True:
        text = number(r, 9)
        if text[0] != "0" and weigh(text, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0:
            return text


def tfn_au(r: Random) -> str:
    while True:
        text = number(r, 9)
        if text[0] != "0" and weigh(text, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0:
            return groups(text, [3, 3, 3], r.choice([" ", ""]))


def medicare_au(r: Random) -> str:
    body = r.choice("23456") + number(r, 7)
    card_number = body + str(weigh(body, [1, 3, 7, 9, 1, 3, 7, 9]) % 10) + r.choice("12345")
    return groups(card_number, [4, 5, 1], r.choice([" ", ""]))


def aadhaar_in(r: Random) -> str:
    body = r.choice("23456789") + number(r, 10)
    return groups(body + verhoeff_digit(body), [4, 4, 4], r.choice([" ", " ", ""]))


def brazilian(body: str, weights: list[int]) -> str:
    for _ in range(2):
        rest = weigh(body, weights[-len(body) :]) % 11
        body += "0" if rest < 2 else str(11 - rest)
    return body


def cpf_br(r: Random) -> str:
    text = brazilian(number(r, 9), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
    return r.choice(
        [text, f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}", f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"]
    )


def cnpj_br(r: Random) -> str:
    text = brazilian(number(r, 8) + "000" + r.choice("1123"), [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
    return r.choice([text, f"{text[:2]}.{text[2:5]}.{text[5:8]}/{text[8:12]}-{text[12:]}"])


def itin_us(r: Random) -> str:
    middle = r.choice([*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)])
    return f"9{number(r, 2)}-{middle}-{number(r, 4)}"


def nino_uk(r: Random) -> str:
    """HMRC NIM39110: letters that are not used, and prefixes that are not issued."""
    while True:
        prefix = r.choice("ABCEGHJKLMNOPRSTWXYZ") + r.choice("ABCEGHJKLMNPRSTWXYZ")
        if prefix not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"):
            break
    text = prefix + number(r, 6) + r.choice("ABCD")
    return groups(text, [2, 2, 2, 2, 1], " ") if r.random() < 0.4 else text


def dni_es(r: Random) -> str:
    letters = "TRWAGMYFPDXBNJZSQVHLCKE"
    if r.random() < 0.6:
        n = r.randint(1_000_000, 99_999_999)
        return f"{n:08}{r.choice(['', '', '-'])}{letters[n % 23]}"
    first = r.choice("XYZ")
    n = r.randint(0, 9_999_999)
    joint = r.choice(["", "", "-"])
    return f"{first}{joint}{n:07}{joint}{letters[('XYZ'.index(first) * 10_000_000 + n) % 23]}"


ODD = dict(
    zip(
        DIGITS + UPPER,
        [
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            2,
            4,
            18,
            20,
            11,
            3,
            6,
            8,
            12,
            14,
            16,
            10,
            22,
            25,
            24,
            23,
        ],
    )
)
EVEN = {c: int(c) for c in DIGITS} | {c: i for i, c in enumerate(UPPER)}


def codice_it(r: Random) -> str:
    """Decreto Ministeriale 23 December 1976. One in twenty has a digit replaced since two persons would have the same."""
    name = some(r, 6, "BCDFGLMNPRSTV")
    day = r.randint(1, 28) + r.choice([0, 40])
    body = f"{name}{r.randint(30, 99):02}{r.choice('ABCDEHLMPRST')}{day:02}{r.choice('ABCDEFGHILMZ')}{r.randint(1, 999):03}"
    if r.random() < 0.05:
        body = body[:14] + "LMNPQRSTUV"[int(body[14])]
    total = sum(ODD[c] if i % 2 == 0 else EVEN[c] for i, c in enumerate(body))
    return body + UPPER[total % 26]


def pan_in(r: Random) -> str:
    return some(r, 3, UPPER) + r.choice("PCHFATBLJG") + r.choice(UPPER) + number(r, 4) + r.choice(UPPER)


def birth(r: Random) -> tuple[int, str]:
    year = r.randint(1940, 2006)
    return year, f"{year % 100:02}{r.randint(1, 12):02}{r.randint(1, 28):02}"


def curp_mx(r: Random) -> str:
    year, date = birth(r)
    consonants = "BCDFGHJKLMNPQRSTVWXYZ"
    body = (
        r.choice(consonants)
        + r.choice("AEIOU")
        + some(r, 2, consonants)
        + date
        + r.choice("HM")
        + r.choice(["AS", "BC", "DF", "JC", "NL", "OC", "VZ", "YN", "NE"])
        + some(r, 3, consonants)
        + (r.choice(DIGITS) if year < 2000 else r.choice(UPPER[:10]))
    )
    order = {c: i for i, c in enumerate("0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ")}
    total = sum(order[c] * w for c, w in zip(body, range(18, 1, -1)))
    return body + str(-total % 10)


def rfc_mx(r: Random) -> str:
    _, date = birth(r)
    person = r.random() < 0.6
    body = (
        some(r, 4 if person else 3, UPPER)
        + date
        + some(r, 1, "123456789ABCDEFGHIJKLMNPQRSTUV")
        + some(r, 1, "123456789" + UPPER)
    )
    order = {c: i for i, c in enumerate("0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ")}
    padded = body if person else " " + body
    rest = sum(order[c] * w for c, w in zip(padded, range(13, 1, -1))) % 11
    return body + {0: "0", 1: "A"}.get(rest, str(11 - rest))


def pesel_pl(r: Random) -> str:
    year, date = birth(r)
    month = int(date[2:4]) + (20 if year >= 2000 else 0)
    body = f"{date[:2]}{month:02}{date[4:]}{number(r, 4)}"
    return body + str(-weigh(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)


def fin_sg(r: Random) -> str:
    first = r.choice("ST")
    body = number(r, 7)
    rest = (weigh(body, [2, 7, 6, 5, 4, 3, 2]) + (4 if first == "T" else 0)) % 11
    return first + body + "JZIHGFEDCBA"[rest]


def abn_au(r: Random) -> str:
    while True:
        text = str(r.randint(11, 99)) + number(r, 9)
        if weigh(str(int(text[0]) - 1) + text[1:], [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) % 89 == 0:
            return groups(text, [2, 3, 3, 3], r.choice([" ", ""]))


def tckn_tr(r: Random) -> str:
    d = [r.randint(1, 9)] + [r.randint(0, 9) for _ in range(8)]
    d.append((sum(d[0:9:2]) * 7 - sum(d[1:8:2])) % 10)
    return "".join(map(str, d)) + str(sum(d) % 10)


# The words that forms, databases and logs put before them.
NATIONAL: dict[str, tuple[Callable[[Random], str], list[str]]] = {
    "sin.ca": (sin_ca, ["SIN", "Social Insurance Number", "social_insurance_number", "NAS", "sin"]),
    "nhs.uk": (nhs_uk, ["NHS Number", "NHS No", "nhs_number", "NHSNumber", "NHS"]),
    "steuer.de": (
        steuer_de,
        ["Steuer-ID", "Steueridentifikationsnummer", "IdNr", "steuer_id", "Steuerliche Identifikationsnummer"],
    ),
    "nir.fr": (nir_fr, ["NIR", "Numéro de sécurité sociale", "numero_secu", "num_ss"]),
    "bsn.nl": (bsn_nl, ["BSN", "Burgerservicenummer", "bsn", "BSN-nummer"]),
    "tfn.au": (tfn_au, ["TFN", "Tax File Number", "tax_file_number", "tfn"]),
    "medicare.au": (medicare_au, ["Medicare No", "Medicare card number", "medicare_number"]),
    "aadhaar.in": (aadhaar_in, ["Aadhaar", "Aadhaar Number", "aadhaar_no", "aadhaarNumber"]),
    "cpf.br": (cpf_br, ["CPF", "cpf", "CPF do cliente"]),
    "cnpj.br": (cnpj_br, ["CNPJ", "cnpj", "CNPJ do emitente"]),
    "itin.us": (itin_us, ["ITIN", "Individual Taxpayer ID", "itin"]),
    "nino.uk": (nino_uk, ["NINO", "National Insurance Number", "National Insurance No", "ni_number", "nino"]),
    "dni.es": (dni_es, ["DNI", "NIF", "NIE", "dni", "documento"]),
    "codice.it": (codice_it, ["Codice fiscale", "codice_fiscale", "CF", "codiceFiscale"]),
    "pan.in": (pan_in, ["PAN", "PAN Card", "permanent_account_number"]),
    "curp.mx": (curp_mx, ["CURP", "curp"]),
    "rfc.mx": (rfc_mx, ["RFC", "rfc", "RFC receptor"]),
    "pesel.pl": (pesel_pl, ["PESEL", "pesel", "Numer PESEL"]),
    "fin.sg": (fin_sg, ["NRIC", "FIN", "nric"]),
    "abn.au": (abn_au, ["ABN", "Australian Business Number", "abn"]),
    "tckn.tr": (tckn_tr, ["TCKN", "TC Kimlik No", "tckn"]),
}


def mbi_us(r: Random) -> str:
    """CMS, "Understanding the Medicare Beneficiary Identifier format"."""
    a, n = "ACDEFGHJKMNPQRTUVWXY", DIGITS
    text = "".join(r.choice(c) for c in ["123456789", a, n + a, n, a, n + a, n, a, a, n, n])
    return groups(text, [4, 3, 4], r.choice(["-", ""]))


def npi_us(r: Random) -> str:
    body = r.choice("12") + number(r, 8)
    return body + luhn_digit("80840" + body)


def dea_us(r: Random) -> str:
    """21 CFR 1301: type of registrant, first letter of the name (or 9), six digits and their check digit."""
    body = number(r, 6)
    check = (weigh(body, [1, 2, 1, 2, 1, 2])) % 10
    second = "9" if r.random() < 0.05 else r.choice(UPPER)
    return r.choice("ABFGM") + second + body + str(check)


HEALTH: dict[str, tuple[Callable[[Random], str], list[str]]] = {
    "mbi.us": (mbi_us, ["MBI", "Medicare ID", "medicare_beneficiary_id", "mbi"]),
    "npi.us": (npi_us, ["NPI", "National Provider Identifier", "npi", "npi_number"]),
    "dea.us": (dea_us, ["DEA", "DEA Number", "DEA No", "dea_number"]),
    "mrn": (
        lambda r: r.choice([number(r, 8), f"MR-{number(r, 6)}", f"E{number(r, 7)}"]),
        ["MRN", "Medical Record Number", "mrn", "medical_record_number"],
    ),
}

DOCUMENT: dict[str, tuple[Callable[[Random], str], list[str]]] = {
    "passport": (
        lambda r: r.choice([number(r, 9), r.choice(UPPER) + number(r, 8), "C01X" + number(r, 2) + "T" + number(r, 2)]),
        ["Passport Number", "Passport No", "passport_number", "passport"],
    ),
    "licence": (
        lambda r: r.choice(
            [
                r.choice(UPPER) + number(r, 7),
                f"{some(r, 5, UPPER)}{number(r, 6)}{some(r, 2, UPPER)}{number(r, 1)}{some(r, 2, UPPER)}",
            ]
        ),
        ["Driver's License", "Driver License Number", "driving licence no", "drivers_license"],
    ),
}


# -- credentials -----------------------------------------------------------------------------------


def base62(n: int, width: int) -> str:
    out = ""
    while n:
        n, rest = divmod(n, 62)
        out = (DIGITS + UPPER + LOWER)[rest] + out
    return out.rjust(width, "0")


def checked(r: Random, prefix: str) -> str:
    """GitHub's and npm's tokens: thirty characters and their CRC-32 in base 62."""
    body = some(r, 30)
    return prefix + body + base62(zlib.crc32(body.encode()), 6)


def jwt(r: Random) -> str:
    def part(data: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(data, separators=(",", ":")).encode()).decode().rstrip("=")

    algorithm = r.choice(["HS256", "RS256", "ES256"])
    head = {"alg": algorithm, "typ": "JWT"} if r.random() < 0.7 else {"kid": some(r, 8), "alg": algorithm}
    claims = {"sub": number(r, 8), "iss": "https://id.example.com/", "iat": r.randint(1_600_000_000, 1_900_000_000)}
    return f"{part(head)}.{part(claims)}.{some(r, 43 if algorithm == 'HS256' else 342, URL64)}"


# Shapes that issuers document or that their own secret scanning names.
TOKENS: dict[str, Callable[[Random], str]] = {
    "aws key id": lambda r: r.choice(["AKIA", "ASIA"]) + some(r, 16, BASE32),
    "github": lambda r: checked(r, r.choice(["ghp_", "gho_", "ghs_", "ghu_", "ghr_"])),
    "github pat": lambda r: f"github_pat_{some(r, 22)}_{some(r, 59)}",
    "gitlab": lambda r: r.choice(["glpat-", "gldt-", "glrt-"]) + some(r, 20, URL64),
    "slack bot": lambda r: f"xoxb-{number(r, 12)}-{number(r, 13)}-{some(r, 24)}",
    "slack user": lambda r: f"xoxp-{number(r, 12)}-{number(r, 12)}-{number(r, 13)}-{some(r, 32, HEX)}",
    "slack app": lambda r: f"xapp-1-A{some(r, 10, UPPER + DIGITS)}-{number(r, 13)}-{some(r, 64, HEX)}",
    "slack webhook": lambda r: (
        f"https://hooks.slack.com/services/T{some(r, 8, UPPER + DIGITS)}/B{some(r, 10, UPPER + DIGITS)}/{some(r, 24)}"
    ),
    "stripe": lambda r: r.choice(["sk_live_", "rk_live_"]) + some(r, r.choice([24, 99])),
    "stripe test": lambda r: "sk_test_" + some(r, 24),
    "stripe webhook": lambda r: "whsec_" + some(r, 32),
    "google api": lambda r: "AIza" + some(r, 35, URL64),
    "google oauth": lambda r: "GOCSPX-" + some(r, 28, URL64),
    "google access": lambda r: "ya29." + some(r, 150, URL64),
    "npm": lambda r: checked(r, "npm_"),
    "pypi": lambda r: "pypi-AgEIcHlwaS5vcmc" + some(r, 160, URL64),
    "openai": lambda r: f"sk-proj-{some(r, 74, URL64)}T3BlbkFJ{some(r, 74, URL64)}",
    "openai old": lambda r: f"sk-{some(r, 20)}T3BlbkFJ{some(r, 20)}",
    "anthropic": lambda r: f"sk-ant-api03-{some(r, 93, URL64)}AA",
    "huggingface": lambda r: "hf_" + some(r, 34, string.ascii_letters),
    "digitalocean": lambda r: r.choice(["dop_v1_", "doo_v1_"]) + some(r, 64, HEX),
    "sendgrid": lambda r: f"SG.{some(r, 22, URL64)}.{some(r, 43, URL64)}",
    "mailgun": lambda r: "key-" + some(r, 32, HEX),
    "mailchimp": lambda r: f"{some(r, 32, HEX)}-us{r.randint(1, 21)}",
    "twilio": lambda r: "SK" + some(r, 32, HEX),
    "telegram": lambda r: f"{number(r, 10)}:AA{some(r, 33, URL64)}",
    "discord": lambda r: f"{r.choice('MN')}{some(r, 23)}.{some(r, 6, URL64)}.{some(r, 27, URL64)}",
    "docker": lambda r: "dckr_pat_" + some(r, 27, URL64),
    "vault": lambda r: "hvs." + some(r, 92, URL64),
    "terraform": lambda r: f"{some(r, 14)}.atlasv1.{some(r, 67)}",
    "databricks": lambda r: "dapi" + some(r, 32, HEX),
    "grafana": lambda r: f"glsa_{some(r, 32)}_{some(r, 8, HEX)}",
    "shopify": lambda r: r.choice(["shpat_", "shpss_"]) + some(r, 32, HEX),
    "square access": lambda r: r.choice(["EAAA" + some(r, 60, URL64), "sq0atp-" + some(r, 22, URL64)]),
    "square secret": lambda r: "sq0csp-" + some(r, 43, URL64),
    "artifactory": lambda r: "AKCp" + some(r, 69),
    "postman": lambda r: f"PMAK-{some(r, 24, HEX)}-{some(r, 34, HEX)}",
    "new relic": lambda r: "NRAK-" + some(r, 27, UPPER + DIGITS),
    "atlassian": lambda r: "ATATT3xFfGF0" + some(r, 171, URL64) + "=" + some(r, 8, HEX.upper()),
    "dynatrace": lambda r: f"dt0c01.{some(r, 24, BASE32)}.{some(r, 64, BASE32)}",
    "doppler": lambda r: "dp.pt." + some(r, 43),
    "linear": lambda r: "lin_api_" + some(r, 40),
    "notion": lambda r: f"ntn_{number(r, 11)}{some(r, 35)}",
    "rubygems": lambda r: "rubygems_" + some(r, 48, HEX),
    "age": lambda r: "AGE-SECRET-KEY-1" + some(r, 58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    "supabase": lambda r: "sbp_" + some(r, 40, HEX),
    "azure client secret": lambda r: f"{some(r, 3)}{number(r, 1)}Q~{some(r, 31, ALNUM + '._~-')}{some(r, 3)}",
}


def secret_shape(r: Random, form: str) -> str:
    """A value without a prefix of its own, that only its name tells."""
    return {
        "aws secret": lambda: some(r, 40, BASE64),
        "azure storage": lambda: some(r, 86, BASE64) + "==",
        "azure bus": lambda: some(r, 43, BASE64) + "=",
        "sas": lambda: some(r, 43) + "%3D",
        "hex": lambda: some(r, 32, HEX),
        "token": lambda: some(r, 40),
        "django": lambda: some(r, 50, LOWER + DIGITS + "!@#%^&*(-_=+)"),
    }[form]()


# No word of examples and tests among them: engines leave values alone that have one.
WORDS = ["harbour", "violet", "tractor", "pepper", "granite", "lantern", "meadow", "copper"]
SEASONS = ["Winter", "Summer", "Spring", "Autumn", "Welcome", "Register", "Backup", "Kasse", "Store"]


def password(r: Random) -> str:
    """As people choose them, and as generators do; without blanks, quotes or separators of the places they stand in."""
    while True:
        text = r.choice(
            [
                lambda: f"{r.choice(SEASONS)}{r.randint(1, 2030)}{r.choice('!.?*')}",
                lambda: f"{r.choice(SEASONS).replace('e', '3')}{r.choice('!_-.')}{number(r, 3)}",
                lambda: some(r, r.randint(10, 20)),
                lambda: some(r, r.randint(10, 16), ALNUM + "!*._-+"),
                lambda: some(r, 1) + some(r, r.randint(10, 16), ALNUM + "!*.^_-~+") + some(r, 1),
                lambda: f"{r.choice(SEASONS).lower()}-{r.choice(WORDS)}-{number(r, 2)}",
            ]
        )()
        if text[0].isalnum():
            return text


def crypt(r: Random) -> Value:
    dotted = "./" + ALNUM
    return r.choice(
        [
            ("hash", f"$6${some(r, 16, dotted)}${some(r, 86, dotted)}"),
            ("hash", f"$y$j9T${some(r, 22, dotted)}${some(r, 43, dotted)}"),
            ("hash", f"$2b$12${some(r, 53, dotted)}"),
            ("hash", f"$1${some(r, 8, dotted)}${some(r, 22, dotted)}"),
            ("hash", f"$apr1${some(r, 8, dotted)}${some(r, 22, dotted)}"),
            ("hash", f"$5$rounds=535000${some(r, 16, dotted)}${some(r, 43, dotted)}"),
        ]
    )


def private_key(r: Random) -> Value:
    """PEM (RFC 7468), OpenSSH's and OpenPGP's armour around random base64."""
    label, head, lines = r.choice(
        [
            ("RSA PRIVATE KEY", "MIIEow", 25),
            ("PRIVATE KEY", "MIIEvQ", 26),
            ("EC PRIVATE KEY", "MHcCAQ", 3),
            ("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAA", 7),
            ("ENCRYPTED PRIVATE KEY", "MIIFHD", 28),
            ("DSA PRIVATE KEY", "MIIBuw", 10),
            ("PGP PRIVATE KEY BLOCK", "lQVYBG", 20),
        ]
    )
    size = 70 if label.startswith("OPENSSH") else 64
    body = head + some(r, size * lines - len(head) - r.randint(4, 30), BASE64) + "=" * r.choice([0, 1, 2])
    rows = [body[i : i + size] for i in range(0, len(body), size)]
    if label.startswith("PGP"):
        rows = ["", *rows, "=" + some(r, 4, BASE64)]
    return label.lower(), "\n".join([f"-----BEGIN {label}-----", *rows, f"-----END {label}-----"])


# -- addresses -------------------------------------------------------------------------------------


def ipv4(r: Random, public: bool) -> str:
    if public:  # RFC 5737, and the rest of what is routed
        return r.choice(
            [
                f"203.0.113.{r.randint(1, 254)}",
                f"198.51.100.{r.randint(1, 254)}",
                f"{r.choice([20, 34, 52, 93, 104, 151])}.{r.randint(0, 255)}.{r.randint(0, 255)}.{r.randint(1, 254)}",
            ]
        )
    return r.choice(
        [
            f"192.168.{r.randint(0, 255)}.{r.randint(1, 254)}",
            f"10.{r.randint(0, 255)}.{r.randint(0, 255)}.{r.randint(1, 254)}",
            f"172.{r.randint(16, 31)}.{r.randint(0, 255)}.{r.randint(1, 254)}",
        ]
    )


def ipv6(r: Random) -> str:
    return r.choice(
        [
            f"fe80::{some(r, 4, HEX)}:{some(r, 3, '123456789')}f:fe{some(r, 2, HEX)}:{some(r, 3, '123456789')}",
            f"2001:db8:{some(r, 1, '123456789')}:{some(r, 2, '123456789')}::{some(r, 2, '123456789')}",
        ]
    )
