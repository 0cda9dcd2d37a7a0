"""XML read without what makes it dangerous: no document types, so no entities and nothing fetched; bounded depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from qala.intake.payloads.limits import Limits, Undecodable

_STEP = 1 << 16


def xml_document(body: bytes, limits: Limits) -> Any:
    """What stands below the root: a text where it has only text, else an object of attributes and children.

    A child that is there several times is an array. An attribute beside a child of the same name is `@name`; text beside
    attributes or children is `#text`. Names are local: without prefix or namespace.

    Raises:
        Undecodable: not well-formed, a document type, nested too deep, more elements than the bounds allow.
    """
    return _Reader(limits).read(body)


@dataclass
class _Element:
    attributes: dict[str, str]
    children: dict[str, list[Any]]
    texts: list[str]

    def value(self) -> Any:
        text = "".join(self.texts).strip()
        if not self.attributes and not self.children:
            return text or None
        found: dict[str, Any] = {}
        for name, value in self.attributes.items():
            found[f"@{name}" if name in self.children else name] = value
        for name, values in self.children.items():
            found[name] = values[0] if len(values) == 1 else values
        if text:
            found["#text"] = text
        return found


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.open: list[_Element] = []
        self.count = 0
        self.root: Any = None
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype

    def read(self, body: bytes) -> Any:
        try:
            for at in range(0, len(body), _STEP):
                self.parser.Parse(body[at : at + _STEP], False)
            self.parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise Undecodable(
                f"this is not well-formed XML: {expat.ErrorString(error.code)}",
                where=f"line {error.lineno}, column {error.offset + 1}",
            ) from None
        except (ValueError, LookupError) as error:  # an encoding that Python does not have
            raise Undecodable(f"this XML cannot be read: {error}", hint="send UTF-8") from None
        finally:  # the parser and its handlers hold one another
            self.parser.StartElementHandler = self.parser.EndElementHandler = None
            self.parser.CharacterDataHandler = self.parser.StartDoctypeDeclHandler = None
        return self.root

    def _start(self, _: str, attributes: dict[str, str]) -> None:
        self.count += 1 + len(attributes)
        if len(self.open) >= self.limits.depth:
            raise self._refused("elements are nested too deep")
        if self.count > self.limits.cells:
            raise self._refused(f"it has more than {self.limits.cells} elements and attributes")
        own: dict[str, str] = {}
        for key, value in attributes.items():
            if key != "xmlns" and not key.startswith("xmlns:"):
                own[key if _local(key) in own else _local(key)] = value
        self.open.append(_Element(own, {}, []))

    def _text(self, text: str) -> None:
        if self.open:
            self.open[-1].texts.append(text)

    def _end(self, name: str) -> None:
        value = self.open.pop().value()
        if self.open:
            self.open[-1].children.setdefault(_local(name), []).append(value)
        else:
            self.root = value

    def _doctype(self, *_: object) -> None:
        raise self._refused("it declares a document type")

    def _refused(self, why: str) -> Undecodable:
        return Undecodable(
            f"this XML is not read: {why}",
            where=f"line {self.parser.CurrentLineNumber}",
            hint="send plain elements, without DOCTYPE and entities",
        )


def _local(name: str) -> str:
    return name.rpartition(":")[2]
