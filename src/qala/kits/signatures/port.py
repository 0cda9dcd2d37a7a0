"""The port of electronic signatures: what is signed, what is found when a signature is checked, and who does both."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from qala.people.access import Somebody


class Unreadable(ValueError):  # noqa: N818  it is no error of the program
    """It is no signature of this kind."""


@dataclass(frozen=True)
class Request:
    """What somebody signs: that they, in their office, sign these bytes.

    Attributes:
        sha256: of the document's bytes, in hexadecimal digits.
        document: which one, as `kind:id vN`.
        at: when, with a zone.
    """

    sha256: str
    document: str
    name: str
    position: str
    at: datetime

    def statement(self) -> bytes:
        """The request as the bytes that are signed: the same request gives the same ones."""
        said = {
            "sha256": self.sha256, "document": self.document, "name": self.name, "position": self.position,
            "at": self.at.astimezone(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def of(cls, statement: bytes) -> Request:
        """The request that a statement says.

        Raises:
            Unreadable: it is none.
        """
        try:
            said = json.loads(statement)
            found = cls(**(said | {"at": datetime.fromisoformat(said["at"])}))
            if not all(isinstance(said[name], str) for name in ("sha256", "document", "name", "position")):
                raise Unreadable
            if found.statement() != statement:
                raise Unreadable
        except (ValueError, TypeError, KeyError, AttributeError) as why:
            raise Unreadable(str(why)) from None
        return found


@dataclass(frozen=True)
class Checked:
    """What a detached signature says, and whether it is to be believed.

    Attributes:
        name, position, at: who signed and when; empty where it cannot be read.
        wrong: why it is not valid: `unreadable`, `other_document`, `other_key`, `forged`, `no_signer`; empty if it is.
    """

    name: str = ""
    position: str = ""
    at: datetime | None = None
    wrong: str = ""

    @property
    def valid(self) -> bool:
        return not self.wrong


class Signer(Protocol):
    """An adapter: a file of the site for tests, or NCANode with the keys of the national certification centre.

    Attributes:
        id: kept with every signature, so that it is checked later by whoever made it.
        legal: whether its signatures have legal force.
    """

    id: str
    legal: bool

    def sign(self, request: Request) -> bytes:
        """A detached signature of the request's statement."""

    def verify(self, sha256: str, signature: bytes) -> Checked:
        """Who signed a document with these bytes, when, and whether that holds. Raises nothing."""


def signer() -> Signer:
    """Who signs now."""
    made: Signer = import_string(settings.SIGNER)()
    return made


def signer_of(name: str) -> Signer | None:
    """Who checks a signature that an adapter made; None where it is no longer set up."""
    from qala.kits.signatures.file_signer import FileSigner

    now = signer()
    return now if now.id == name else FileSigner() if name == FileSigner.id else None


_KINDS: dict[str, str] = {}


def register(kind: str, access: str) -> None:
    """Say who may see signed versions of a kind of objects.

    Args:
        kind: as `app.model`.
        access: dotted name of a function `(user, id) -> object`; it raises `Http404` or `Refused`.
    """
    _KINDS[kind] = access


def access_of(kind: str) -> Callable[[Somebody, int], Any] | None:
    """Who may see a kind; None where no part has said so."""
    found: Callable[[Somebody, int], Any] | None = import_string(_KINDS[kind]) if kind in _KINDS else None
    return found
