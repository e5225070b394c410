#!/usr/bin/env python3
"""Runs each engine on a corpus that corpus.py made and prints how much each found and how much of that was there.

    compare.py --countersign PROGRAM [--forms] [--details FILE] CORPUS...

A value is found if a finding of a plausible kind overlaps its secret part. A finding that overlaps no value at all is a false one.
An engine is judged on the kinds (and forms of a kind) that it claims; elsewhere the table has a dash.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from engines import PEERS, Engine, Finding, countersign, files
from page import NEUTRAL, Label

# Kinds that engines name differently: either name hides the value.
FAMILIES = [
    {"secret", "password", "url password", "jwt", "private key"},
    {"card", "card auth"},
    {"ssn", "national id", "health id", "document id"},
]
ALL = "all that it claims"


def plausible(found: str, kind: str) -> bool:
    return kind in (found, NEUTRAL) or any({found, kind} <= family for family in FAMILIES)


@dataclass
class Places:
    """Labels of one file by their start, none overlapping another."""

    labels: list[Label]
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.labels.sort(key=lambda label: label.start)
        self.starts = [label.start for label in self.labels]

    def overlapping(self, start: int, end: int) -> list[Label]:
        at = max(bisect_right(self.starts, start) - 1, 0)
        out = []
        for label in self.labels[at:]:
            if label.start >= end:
                break
            if label.end > start:
                out.append(label)
        return out


@dataclass
class Score:
    """What one engine made of one corpus. Counters are by kind; `otherwise` is what it took for a kind that can't be meant."""

    found: set[Label]
    whole: set[Label]
    otherwise: set[Label]
    findings: Counter[str]
    false: Counter[str]
    false_findings: list[Finding]
    plain_hit: int
    seconds: float


class Corpus:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.labels = [Label(**json.loads(line)) for line in (folder / "labels.jsonl").read_text().splitlines()]
        self.text = {path.name: path.read_bytes() for path in files(folder)}
        by_file: dict[str, list[Label]] = defaultdict(list)
        for label in self.labels:
            by_file[label.file].append(label)
        self.places = {name: Places(by_file[name]) for name in self.text}
        self.values = [label for label in self.labels if label.kind != NEUTRAL]
        self.starts = {name: [0] + [i + 1 for i, b in enumerate(text) if b == 10] for name, text in self.text.items()}
        with_value = {(f, n) for label in self.labels for f, n in self.lines(label)}
        self.plain = {(f, n) for f, starts in self.starts.items() for n in range(len(starts) - 1)} - with_value

    def lines(self, of: Label | Finding) -> list[tuple[str, int]]:
        starts = self.starts[of.file]
        return [(of.file, n) for n in range(bisect_right(starts, of.start) - 1, bisect_right(starts, of.end - 1))]

    def line(self, of: Label | Finding) -> str:
        starts, n = self.starts[of.file], self.lines(of)[0][1]
        return self.text[of.file][starts[n] : starts[n + 1]].decode().rstrip("\n")

    def score(self, engine: Engine) -> Score:
        begun = time.monotonic()
        results = [f for f in engine.run(self.folder) if engine.meant_for(f.kind)]
        seconds = time.monotonic() - begun
        covered: Counter[Label] = Counter()
        touched: set[Label] = set()
        findings: Counter[str] = Counter()
        false: Counter[str] = Counter()
        false_findings: list[Finding] = []
        hit: set[tuple[str, int]] = set()
        last: dict[Label, int] = {}
        for finding in sorted(set(results), key=lambda f: (f.file, f.start, f.end)):
            findings[finding.kind] += 1
            labels = self.places[finding.file].overlapping(finding.start, finding.end)
            if not labels:
                false[finding.kind] += 1
                false_findings.append(finding)
                hit.update(self.lines(finding))
            touched.update(labels)
            for label in labels:
                if plausible(finding.kind, label.kind):
                    start, end = max(finding.start, label.start, last.get(label, 0)), min(finding.end, label.end)
                    covered[label] += max(end - start, 0)
                    last[label] = max(last.get(label, 0), end)
        whole = {label for label, n in covered.items() if n >= label.end - label.start}
        return Score(
            set(covered), whole, touched - set(covered), findings, false, false_findings, len(hit & self.plain), seconds
        )


def percent(part: int, of: int) -> str:
    return f"{100 * part / of:5.1f}" if of else "    -"


def cell(engine: Engine, score: Score, labels: list[Label], kinds: set[str]) -> str:
    """Recall and precision; precision is of the kind, so a row of one form has none."""
    claimed = [label for label in labels if engine.claimed(label.kind, label.form)]
    if not claimed:
        return "-"
    findings, false = sum(score.findings[k] for k in kinds), sum(score.false[k] for k in kinds)
    return (
        f"{percent(sum(label in score.found for label in claimed), len(claimed))} {percent(findings - false, findings)}"
    )


def table(corpus: Corpus, scored: list[tuple[Engine, Score]], by_form: bool) -> None:
    rows: list[tuple[str, str, list[str]]] = []
    kinds = sorted({label.kind for label in corpus.values})
    for kind in kinds:
        labels = [label for label in corpus.values if label.kind == kind]
        rows.append((kind, str(len(labels)), [cell(e, s, labels, {kind}) for e, s in scored]))
        for form in sorted({label.form for label in labels}) if by_form else []:
            some = [label for label in labels if label.form == form]
            rows.append((f"  {form}", str(len(some)), [cell(e, s, some, set()) for e, s in scored]))
    rows.append(
        (
            ALL,
            str(len(corpus.values)),
            [cell(e, s, corpus.values, {k for k in kinds if e.meant_for(k)}) for e, s in scored],
        )
    )
    # Of a private key most engines name the first line only.
    judged = [label for label in corpus.values if label.kind != "private key"]
    partly = [
        sum(label in s.found and label not in s.whole for label in judged if e.claimed(label.kind, label.form))
        for e, s in scored
    ]
    rows.append(("found, but not all of it", "", [str(n) for n in partly]))
    rows.append(
        (
            "plain lines hit per 1,000",
            str(len(corpus.plain)),
            [f"{1000 * s.plain_hit / len(corpus.plain):.2f}" for _, s in scored],
        )
    )
    rows.append(("seconds", "", [f"{s.seconds:.1f}" for _, s in scored]))
    names = [e.name for e, _ in scored]
    width = max(len(name) for name, _, _ in rows)
    print(f"{'recall, precision in %':{width}} {'values':>6}  " + "  ".join(f"{n:>14}" for n in names))
    for name, count, cells in rows:
        print(f"{name:{width}} {count:>6}  " + "  ".join(f"{c:>14}" for c in cells))
    ours, ours_score = scored[0]
    print("\non the values that a peer claims, by recall:")
    for engine, score in scored[1:]:
        both = [
            label
            for label in corpus.values
            if engine.claimed(label.kind, label.form) and ours.claimed(label.kind, label.form)
        ]
        print(
            f"  {engine.name:14} {len(both):6} values: it {percent(sum(v in score.found for v in both), len(both))}, "
            f"{ours.name} {percent(sum(v in ours_score.found for v in both), len(both))}"
        )


def details(corpus: Corpus, engine: Engine, score: Score, out: Path) -> None:
    """Each value that was missed (MISS), found as another kind (KIND) or in part (PART), and each false finding, with its line."""
    with open(out, "a", encoding="utf-8") as file:
        for label in corpus.values:
            if engine.claimed(label.kind, label.form) and label not in score.whole:
                value = corpus.text[label.file][label.start : label.end].decode()
                what = "PART" if label in score.found else "KIND" if label in score.otherwise else "MISS"
                file.write(f"{engine.name}\t{what}\t{label.kind}\t{label.form}\t{value[:80]!r}\t{corpus.line(label)}\n")
        for finding in score.false_findings:
            value = corpus.text[finding.file][finding.start : finding.end].decode()
            file.write(
                f"{engine.name}\tFALSE\t{finding.kind}\t{finding.rule}\t{value[:80]!r}\t{corpus.line(finding)}\n"
            )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--countersign", type=Path, required=True, help="the program")
    options.add_argument("--forms", action="store_true", help="a row for each form of a kind too")
    options.add_argument("--details", type=Path, help="write misses and false findings to this file")
    options.add_argument("--only", help="run only engines whose name has this in it, beside countersign")
    options.add_argument("corpora", type=Path, nargs="+", metavar="CORPUS")
    given = options.parse_args()
    engines, absent = [countersign(given.countersign.resolve())], []
    for package, load in PEERS.items():
        if given.only and given.only not in package:
            continue
        try:
            engines += load()
        except Exception as error:  # whatever a package does when it can't be used: told, never left out
            absent.append(f"{package}: not installed: {type(error).__name__}: {error}")
    if given.details:
        given.details.write_text("")
    for folder in given.corpora:
        corpus = Corpus(folder)
        print(
            f"\n== {folder.name}: {sum(len(s) - 1 for s in corpus.starts.values())} lines, {len(corpus.values)} values, {len(corpus.plain)} plain lines"
        )
        scored = []
        for engine in engines:
            print(f"running {engine.name}", file=sys.stderr)
            scored.append((engine, corpus.score(engine)))
            if given.details:
                details(corpus, engine, scored[-1][1], given.details)
        table(corpus, scored, given.forms)
    print()
    for engine in engines:
        print(f"{engine.name}: {engine.about}")
    for line in absent:
        print(line)


if __name__ == "__main__":
    main()
