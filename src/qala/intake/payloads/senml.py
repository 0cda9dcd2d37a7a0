"""SenML (RFC 8428) in JSON: base values resolved, one row a record."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, DecimalException, localcontext
from typing import Any

from qala.intake.payloads.json_text import Digits, parsed
from qala.intake.payloads.limits import Counted, Row, Undecodable, shown
from qala.intake.payloads.message import Message
from qala.intake.payloads.moments import from_seconds

_VERSION = 10
_RELATIVE_BELOW = 1 << 28  # RFC 8428, 4.5.3: smaller times are relative to now
_BASES = ("bn", "bt", "bu", "bv", "bs")
_VALUES = {"v": "number", "vs": "string", "vb": "boolean", "vd": "data"}
_DIGITS = 60


def senml_rows(message: Message) -> list[Row]:
    """Rows `name, unit, value, value_type, sum, time, update_time`.

    `value` holds a number (with its base added, exactly), a text, `true` or `false`, or base64 as it came; which of them
    is in `value_type`. Times are UTC; a record without one was made when it was received (RFC 8428, 4.5.3).

    Raises:
        Undecodable: not a SenML pack, a version or a mandatory field that is not known, a record without a name.
    """
    pack = parsed(message.body, message.limits)
    if not isinstance(pack, list):
        raise Undecodable("a SenML pack is an array of records", hint="RFC 8428, 5")
    found = Counted(message.limits)
    base: dict[str, Any] = {}
    with localcontext(prec=_DIGITS):
        for number, record in enumerate(pack, 1):
            try:
                _record(record, base, message.received, found)
            except DecimalException:
                raise Undecodable("a number is beyond all bounds", where=f"record {number}") from None
            except Undecodable as error:
                error.where = error.where or f"record {number}"
                raise
    return found.rows


def _record(record: Any, base: dict[str, Any], received: datetime, found: Counted) -> None:
    if not isinstance(record, dict):
        raise Undecodable("a record is an object")
    for key in record:
        if key.endswith("_"):
            raise Undecodable(f"the field {shown(key)} must be understood, and is not", hint="RFC 8428, 4.4")
    if "bver" in record and _number(record, "bver", None) != _VERSION:
        raise Undecodable(f"SenML version {shown(record['bver'])} is not read", hint=f"send version {_VERSION}")
    base.update({key: record[key] for key in _BASES if key in record})
    given = [key for key in _VALUES if key in record]
    if not given and "s" not in record:
        if any(key in record for key in ("n", "u", "t", "ut")):
            raise Undecodable("a record without a value or a sum")
        return
    if len(given) > 1:
        raise Undecodable(f"a record has one value, not {' and '.join(given)}")
    name = _text(base, "bn") + _text(record, "n")
    if not name:
        raise Undecodable("a record without a name", hint="n, or bn in it or before it")
    kind = given[0] if given else ""
    total = _number(record, "s", base.get("bs")) if "s" in record or "bs" in base else None
    made = (_number(base, "bt", None) or Decimal(0)) + (_number(record, "t", None) or Decimal(0))
    update = _number(record, "ut", None)
    found.add(
        {
            "name": name,
            "unit": _text(record, "u") or _text(base, "bu") or None,
            "value": _value(record, kind, base),
            "value_type": _VALUES.get(kind),
            "sum": None if total is None else _plain(total),
            "time": _moment(made, received),
            "update_time": None if update is None else _plain(update),
        }
    )


def _value(record: dict[str, Any], kind: str, base: dict[str, Any]) -> str | None:
    value = record.get(kind)
    if kind == "v":
        if "bv" not in base and isinstance(value, Digits):
            return str(value)
        number = _number(record, "v", base.get("bv"))
        return None if number is None else _plain(number)
    if kind == "vb":
        if not isinstance(value, bool):
            raise Undecodable("vb is true or false")
        return "true" if value else "false"
    if not kind:
        return None
    if not isinstance(value, str) or isinstance(value, Digits):
        raise Undecodable(f"{kind} is a text")
    return value


def _number(record: dict[str, Any], key: str, base: Any) -> Decimal | None:
    """A number of a record plus its base, exactly; None where there is neither."""
    found: Decimal | None = None
    for name, value in ((key, record.get(key)), (f"the base of {key}", base)):
        if value is None:
            continue
        if not isinstance(value, Digits):
            raise Undecodable(f"{name} is a number, not {shown(value)}")
        number = Decimal(value)
        if number and abs(number.adjusted()) > _DIGITS // 2:
            raise Undecodable(f"{name} is beyond all bounds: {shown(value)}")
        found = number if found is None else found + number
    return found


def _text(record: dict[str, Any], key: str) -> str:
    value = record.get(key, "")
    if not isinstance(value, str) or isinstance(value, Digits):
        raise Undecodable(f"{key} is a text, not {shown(value)}")
    return value


def _plain(number: Decimal) -> str:
    return f"{number:f}"


def _moment(seconds: Decimal, received: datetime) -> str:
    if seconds < _RELATIVE_BELOW:
        aware = received if received.tzinfo else received.replace(tzinfo=UTC)
        seconds += Decimal(str(aware.timestamp()))
    return from_seconds(seconds)
