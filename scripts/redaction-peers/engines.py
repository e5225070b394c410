"""The engines, each as a function from a corpus's folder to findings, and what each claims to find.

What an engine reports beyond the kinds in the corpus (addresses, dates, web pages, number plates …) is left out and counts
neither for nor against it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

Claims = frozenset[str | tuple[str, str]]


@dataclass(frozen=True)
class Finding:
    """What an engine found: bytes of a file, the kind by the corpus's names, and the engine's own name for it."""

    file: str
    start: int
    end: int
    kind: str
    rule: str


@dataclass(frozen=True)
class Engine:
    """`claims` holds kinds, or (kind, form) where an engine knows only some forms of a kind."""

    name: str
    about: str
    claims: Claims
    run: Callable[[Path], list[Finding]]

    def claimed(self, kind: str, form: str) -> bool:
        return kind in self.claims or (kind, form) in self.claims

    def meant_for(self, kind: str) -> bool:
        return any(kind == (c if isinstance(c, str) else c[0]) for c in self.claims)


def files(corpus: Path) -> list[Path]:
    return sorted(corpus.glob("*.log"))


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Each line with its first byte, for engines that take text."""
    at = 0
    for raw in path.read_bytes().splitlines(keepends=True):
        yield at, raw.decode().rstrip("\r\n")
        at += len(raw)


def place(line: str, start: int, end: int) -> tuple[int, int]:
    """Bytes of a range of characters."""
    first = len(line[:start].encode())
    return first, first + len(line[start:end].encode())


# -- countersign -----------------------------------------------------------------------------------

# National ids that Presidio knows and Countersign has no rule for.
OTHERS = {"pesel.pl", "fin.sg", "abn.au", "tckn.tr"}
OURS = {
    "sin.ca",
    "nhs.uk",
    "steuer.de",
    "nir.fr",
    "bsn.nl",
    "tfn.au",
    "medicare.au",
    "aadhaar.in",
    "cpf.br",
    "cnpj.br",
    "itin.us",
    "nino.uk",
    "dni.es",
    "codice.it",
    "pan.in",
    "curp.mx",
    "rfc.mx",
}


def countersign(program: Path) -> Engine:
    def run(corpus: Path) -> list[Finding]:
        out, found = [], corpus / "found.jsonl"
        for path in files(corpus):
            with open(path, "rb") as text:
                subprocess.run(
                    [program, "redact", "--ip", "--findings", found], stdin=text, stdout=subprocess.DEVNULL, check=True
                )
            for row in map(json.loads, found.read_text().splitlines()):
                if "kind" in row:
                    kind = "url password" if row["rule"] == "secret.url" else row["kind"].replace("_", " ")
                    out.append(Finding(path.name, row["start"], row["end"], kind, row["rule"]))
        found.unlink()
        return out

    kinds = {
        "card",
        "card auth",
        "email",
        "phone",
        "ssn",
        "iban",
        "health id",
        "document id",
        "private key",
        "jwt",
        "secret",
        "password",
        "url password",
        "merchant id",
        "ip address",
    }
    claims: Claims = frozenset(kinds | {("national id", form) for form in OURS})
    return Engine("countersign", "countersign redact --ip", claims, run)


# -- presidio-analyzer -----------------------------------------------------------------------------

PRESIDIO = {
    "CREDIT_CARD": "card",
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "US_SSN": "ssn",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip address",
    "US_MBI": "health id",
    "US_NPI": "health id",
    "MEDICAL_LICENSE": "health id",
    "US_PASSPORT": "document id",
    "UK_PASSPORT": "document id",
    "DE_PASSPORT": "document id",
    "US_DRIVER_LICENSE": "document id",
    "UK_DRIVING_LICENCE": "document id",
} | dict.fromkeys(
    [
        "IN_AADHAAR",
        "IN_PAN",
        "AU_TFN",
        "AU_MEDICARE",
        "AU_ABN",
        "CA_SIN",
        "UK_NHS",
        "UK_NINO",
        "DE_TAX_ID",
        "ES_NIF",
        "ES_NIE",
        "IT_FISCAL_CODE",
        "US_ITIN",
        "PL_PESEL",
        "SG_NRIC_FIN",
        "TR_NATIONAL_ID",
    ],
    "national id",
)


def presidio_results() -> Callable[[Path], list[tuple[Finding, float]]]:
    """Presidio with every pattern recognizer for a kind of the corpus, whatever its country, and each result's score.

    There is no language model: the NLP engine is a blank English tokenizer whose lemmas are the small letters of the words, so
    that words near a value raise its score as they do with a model.
    """
    import inspect

    import spacy
    import tldextract
    from presidio_analyzer import (
        AnalyzerEngine,
        EntityRecognizer,
        PatternRecognizer,
        RecognizerRegistry,
        predefined_recognizers,
    )
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import PhoneRecognizer

    # The list of top-level domains that the package ships; it would look for a newer one in the network.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    @spacy.Language.component("small_letters")
    def small_letters(doc: spacy.tokens.Doc) -> spacy.tokens.Doc:
        for token in doc:
            token.lemma_ = token.lower_
        return doc

    class Blank(SpacyNlpEngine):
        def load(self) -> None:
            self.nlp = {"en": spacy.blank("en")}
            self.nlp["en"].add_pipe("small_letters")

    def recognizers() -> Iterator[EntityRecognizer]:
        for _, kind in inspect.getmembers(predefined_recognizers, inspect.isclass):
            if issubclass(kind, (PatternRecognizer, PhoneRecognizer)) and kind is not PatternRecognizer:
                made = kind(supported_language="en")
                if any(entity in PRESIDIO for entity in made.supported_entities):
                    yield made

    registry = RecognizerRegistry(recognizers=list(recognizers()), supported_languages=["en"])
    engine = Blank()
    engine.load()
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    done: dict[Path, list[tuple[Finding, float]]] = {}

    def run(corpus: Path) -> list[tuple[Finding, float]]:
        if corpus not in done:
            out = done.setdefault(corpus, [])
            for path in files(corpus):
                for at, line in lines(path):
                    if not line.strip():
                        continue
                    for result in analyzer.analyze(line, language="en", entities=list(PRESIDIO)):
                        start, end = place(line, result.start, result.end)
                        entity = result.entity_type
                        out.append((Finding(path.name, at + start, at + end, PRESIDIO[entity], entity), result.score))
        return done[corpus]

    return run


def presidio() -> list[Engine]:
    results = presidio_results()
    from values import CARDS

    claims: Claims = frozenset(
        {
            "email",
            "phone",
            "ssn",
            "iban",
            "ip address",
            "document id",
            *(("card", network) for network in CARDS),
            ("health id", "mbi.us"),
            ("health id", "npi.us"),
            ("health id", "dea.us"),
        }
        | {
            ("national id", form)
            for form in OTHERS | OURS - {"nir.fr", "bsn.nl", "cpf.br", "cnpj.br", "curp.mx", "rfc.mx"}
        }
    )
    about = f"presidio-analyzer {version('presidio-analyzer')}, all countries' pattern recognizers, blank spaCy model"

    def least(score: float) -> Callable[[Path], list[Finding]]:
        return lambda corpus: [finding for finding, has in results(corpus) if has >= score]

    return [
        Engine("presidio", f"{about}, every score", claims, least(0.0)),
        Engine("presidio .5", f"{about}, the same run, scores from 0.5 on", claims, least(0.5)),
    ]


# -- detect-secrets --------------------------------------------------------------------------------

DETECT = {
    "Private Key": "private key",
    "JSON Web Token": "jwt",
    "Basic Auth Credentials": "url password",
    "Secret Keyword": "password",
    "Public IP (ipv4)": "ip address",
}


def detect_secrets() -> list[Engine]:
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import default_settings

    def run(corpus: Path) -> list[Finding]:
        out = []
        for path in files(corpus):
            text = [(0, ""), *lines(path)]
            with default_settings():
                found = list(scan_file(str(path)))
            for secret in found:
                at, line = text[secret.line_number]
                start = line.find(secret.secret_value or "\0")
                if start >= 0:
                    first, last = place(line, start, start + len(secret.secret_value))
                    out.append(
                        Finding(path.name, at + first, at + last, DETECT.get(secret.type, "secret"), secret.type)
                    )
        return out

    issuers = [
        "aws key id",
        "aws secret",
        "aws pair id",
        "aws pair secret",
        "azure storage",
        "github",
        "gitlab",
        "slack bot",
        "slack user",
        "slack webhook",
        "stripe",
        "pypi",
        "openai",
        "openai old",
        "sendgrid",
        "mailchimp",
        "twilio",
        "telegram",
        "discord",
        "square secret",
        "artifactory",
        "by name",
    ]
    # Its keyword detector is for assignments, not for options of programs. Its detector of public addresses is not judged: the
    # filters that are on by default drop all that it finds.
    from corpus import ASSIGNED

    claims: Claims = frozenset(
        {"private key", "jwt", "url password"} | {("secret", i) for i in issuers} | {("password", f) for f in ASSIGNED}
    )
    return [
        Engine(
            "detect-secrets",
            f"detect-secrets {version('detect-secrets')}, its default plugins and filters, nothing verified",
            claims,
            run,
        )
    ]


# -- kingfisher ------------------------------------------------------------------------------------

# Without a rule of its own, or with one that wants a second value beside it which the corpus doesn't have.
NOT_KINGFISHERS = {
    "google oauth",
    "google access",
    "stripe webhook",
    "openai old",
    "square secret",
    "discord",
    "aws key id",
    "artifactory",
    "azure client secret",
}


def kingfisher_kind(rule: str) -> str:
    for part, kind in [
        ("jwt", "jwt"),
        ("private-key", "private key"),
        ("credential-uri", "url password"),
        ("mongodb-connection", "url password"),
        ("curl-auth-user", "password"),
    ]:
        if part in rule:
            return kind
    return "secret"


def kingfisher() -> list[Engine]:
    program = Path(sys.executable).with_name("kingfisher")
    if not program.exists():
        raise ModuleNotFoundError("kingfisher-bin")

    def run(corpus: Path) -> list[Finding]:
        text = {path.name: [(0, ""), *lines(path)] for path in files(corpus)}
        done = subprocess.run(
            [
                program,
                "scan",
                *text,
                "--no-validate",
                "--no-update-check",
                "--no-dedup",
                "--no-ignore",
                "--confidence",
                "low",
                "--format",
                "jsonl",
                "--quiet",
            ],
            cwd=corpus,
            capture_output=True,
            text=True,
            check=False,
        )
        out = []
        for row in map(json.loads, done.stdout.splitlines()):
            if "finding" not in row:
                continue
            found, rule = row["finding"], row["rule"]["id"]
            name, number = Path(found["path"]).name, found["line"]
            # A rule for a pair reports the other half beside it.
            for value in [
                found["snippet"],
                *(v for k, v in (found.get("dependent_captures") or {}).items() if "SECRET" in k),
            ]:
                first = value.split("\n")[0]
                for at, line in text[name][number:] + text[name][max(number - 20, 0) : number]:
                    start = line.find(first)
                    if first and start >= 0:
                        begin, _ = place(line, start, start)
                        out.append(
                            Finding(name, at + begin, at + begin + len(value.encode()), kingfisher_kind(rule), rule)
                        )
                        break
        return out

    from values import TOKENS

    claims: Claims = frozenset(
        {"private key", "jwt", "url password", ("password", "curl -u"), ("password", "curl --user")}
        | {
            ("secret", form)
            for form in [*TOKENS, "aws pair id", "aws pair secret", "azure storage", "azure bus"]
            if form not in NOT_KINGFISHERS
        }
    )
    return [
        Engine(
            "kingfisher",
            f"kingfisher-bin {version('kingfisher-bin')} from PyPI, all its rules, confidence from low on, nothing validated",
            claims,
            run,
        )
    ]


# -- datafog ---------------------------------------------------------------------------------------

DATAFOG = {
    "CREDIT_CARD": "card",
    "EMAIL": "email",
    "PHONE": "phone",
    "SSN": "ssn",
    "IP_ADDRESS": "ip address",
    "DE_IBAN": "iban",
    "DE_TAX_ID": "national id",
}


def datafog() -> list[Engine]:
    from datafog.engine import scan

    def run(corpus: Path) -> list[Finding]:
        out = []
        for path in files(corpus):
            for at, line in lines(path):
                for entity in scan(line, engine="regex", locales=["de"]).entities:
                    if entity.type in DATAFOG and entity.start >= 0:
                        start, end = place(line, entity.start, entity.end)
                        out.append(Finding(path.name, at + start, at + end, DATAFOG[entity.type], entity.type))
        return out

    claims: Claims = frozenset(
        {
            "email",
            "phone",
            "ssn",
            ("iban", "iban.de"),
            ("national id", "steuer.de"),
            ("ip address", "public v4"),
            ("ip address", "private v4"),
        }
        | {("card", network) for network in ["visa", "mastercard", "amex"]}
    )
    return [Engine("datafog", f"datafog {version('datafog')}, its regex engine with the German locale", claims, run)]


PEERS: dict[str, Callable[[], list[Engine]]] = {
    "presidio-analyzer": presidio,
    "detect-secrets": detect_secrets,
    "kingfisher-bin": kingfisher,
    "datafog": datafog,
}
