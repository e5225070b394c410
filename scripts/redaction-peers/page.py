"""Text with marked values in it, and where they end up in bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

OPEN, SPLIT, CLOSE = "\ue000", "\ue001", "\ue002"
MARKED = re.compile(f"{OPEN}([^{SPLIT}]*){SPLIT}([^{SPLIT}]*){SPLIT}([^{CLOSE}]*){CLOSE}", re.DOTALL)

# What an engine may find and need not, such as the address that stands for any.
NEUTRAL = "neutral"


def mark(kind: str, form: str, text: str) -> str:
    """`text` as a value to be found. Only its secret part: what stands around it is not marked."""
    return f"{OPEN}{kind}{SPLIT}{form}{SPLIT}{text}{CLOSE}"


def bare(text: str) -> str:
    return MARKED.sub(lambda m: m[3], text)


def pad(text: str, width: int) -> str:
    """`text` filled with blanks to `width` characters, marks not counted."""
    return text + " " * (width - len(bare(text)))


@dataclass(frozen=True)
class Label:
    """A value in a file: its first byte and the one behind it."""

    file: str
    start: int
    end: int
    kind: str
    form: str


def unmark(name: str, text: str) -> tuple[bytes, list[Label]]:
    """The bytes of a marked text, and its labels."""
    out, labels, at = bytearray(), [], 0
    for m in MARKED.finditer(text):
        out += text[at : m.start()].encode()
        start = len(out)
        out += m[3].encode()
        labels.append(Label(name, start, len(out), m[1], m[2]))
        at = m.end()
    out += text[at:].encode()
    return bytes(out), labels
