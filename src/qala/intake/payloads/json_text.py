"""JSON as it came: numbers keep their digits, a key written twice is refused, NaN stays a word for the border to judge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from qala.intake.payloads.limits import Limits, Undecodable, shown

_string = json.encoder.encode_basestring


class Digits(str):
    """A number as it was written."""

    __slots__ = ()


class _TwiceError(ValueError):
    pass


def parsed(body: bytes | str, limits: Limits, where: str = "") -> Any:
    """A JSON document: dicts, lists, texts, `Digits`, booleans and None.

    Args:
        body: UTF-8, or UTF-16 or UTF-32 as its first bytes show (RFC 4627, 3).
        where: what to put before line and column in messages.

    Raises:
        Undecodable: not JSON, not that text, a key twice in one object, nested beyond reason.
    """
    text = body if isinstance(body, str) else text_of(body, where)
    try:
        document = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Undecodable(
            f"this is not JSON: {error.msg}", where=f"{where}, {place}" if where else place, hint=_near(text, error.pos)
        ) from None
    except _TwiceError as error:
        raise Undecodable(
            f"the key {shown(str(error))} is written twice in one object", where=where, hint="which of them holds?"
        ) from None
    except (RecursionError, MemoryError):
        raise _too_deep(limits, where) from None
    if "\\u" in text or "\\U" in text:
        try:
            _string_all(document, limits.depth)
        except UnicodeEncodeError:
            raise Undecodable(
                "a text holds half of a character (a lone surrogate)", where=where, hint="write characters in UTF-8"
            ) from None
    return document


def text_of(body: bytes, where: str = "") -> str:
    """The text of a JSON body.

    Raises:
        Undecodable: it is not text in UTF-8, UTF-16 or UTF-32.
    """
    encoding = json.detect_encoding(body)
    try:
        return body.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Undecodable(
            f"this is not text in {encoding.upper()}: byte {error.start} is {body[error.start]:#04x}",
            where=where,
            hint="JSON is sent in UTF-8",
        ) from None


def written(value: Any, depth: int) -> str:
    """A parsed value as compact JSON text again, with the digits of its numbers.

    Raises:
        Undecodable: nested deeper than `depth`.
    """
    if isinstance(value, Digits) or value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, str):
        return _string(value)
    if depth <= 0:
        raise Undecodable("the message is nested too deep")
    if isinstance(value, dict):
        return "{" + ",".join(f"{_string(key)}:{written(inner, depth - 1)}" for key, inner in value.items()) + "}"
    return "[" + ",".join(written(inner, depth - 1) for inner in value) + "]"


def _pairs(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise _TwiceError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=Digits, parse_int=Digits, parse_constant=str)


def _string_all(value: Any, depth: int) -> None:
    """Raise UnicodeEncodeError where a text or a key is no text."""
    if isinstance(value, str):
        value.encode()
    elif depth > 0 and isinstance(value, dict):
        for key, inner in value.items():
            key.encode()
            _string_all(inner, depth - 1)
    elif depth > 0 and isinstance(value, list):
        for inner in value:
            _string_all(inner, depth - 1)


def _too_deep(limits: Limits, where: str) -> Undecodable:
    return Undecodable(
        "the message is nested too deep",
        where=where,
        hint=f"at most {limits.depth} objects and arrays inside one another",
    )


def _near(text: str, at: int) -> str:
    near = text[max(0, at - 20) : at + 20]
    return f"near: {shown(near)}" if near.strip() else "it ends too early"
