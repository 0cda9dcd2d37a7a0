"""Writing boards: a layout is saved as a new version, published by a deliberate act, and never changed after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qala.people import audit
from qala.people.models import User
from qala.portal.board import queries
from qala.portal.board.models import AlarmNote, Board, BoardVersion
from qala.standard.problems import Problem


@transaction.atomic
def create(
    request: HttpRequest, city: str, name: str, title: Mapping[str, str], sphere: str = "", items: Sequence[Any] = (),
    organisation: int | None = None,
) -> Board:  # fmt: skip
    """A board with its first version, seen by nobody else until it is published.

    Raises:
        Problem: the name is taken, or the layout is not one.
    """
    if Board.objects.filter(city=city, name=name).exists() or name in ("new",):
        raise Problem(_("The city has a board “%(name)s” already.") % {"name": name}, hint=_("Choose another name."))
    made = Board.objects.create(city=city, name=name, title=dict(title), sphere=sphere, organisation=organisation)
    audit.wrote(request, "create_board", made, after={"title": dict(title)})
    save(request, made, items)
    return made


@transaction.atomic
def save(request: HttpRequest, board: Board, items: Sequence[Any], note: str = "") -> BoardVersion:
    """A new version; an unchanged layout makes none.

    Raises:
        Problem: the layout is not one; nothing is saved.
    """
    checked = [item.model_dump(mode="json", exclude_defaults=True) for item in queries.checked(items)]
    Board.objects.select_for_update().get(pk=board.pk)
    last = board.versions.first()
    if last is not None and last.items == checked:
        return last
    number = 1 if last is None else last.number + 1
    by = request.user if isinstance(request.user, User) else None
    version = BoardVersion.objects.create(board=board, number=number, items=checked, note=note[:300], made_by=by)
    audit.wrote(request, "save_board", board, after={"version": number, "items": len(checked)})
    return version


@transaction.atomic
def publish(request: HttpRequest, board: Board, number: int) -> None:
    """Show a version to everybody.

    Raises:
        Problem: there is no such version.
    """
    version = _version(board, number)
    before = board.published.number if board.published else None
    board.published, board.published_at = version, timezone.now()
    board.save(update_fields=["published", "published_at"])
    audit.wrote(request, "publish_board", board, before={"version": before}, after={"version": number})


@transaction.atomic
def withdraw(request: HttpRequest, board: Board) -> None:
    """Show a board to nobody but its editors."""
    before = board.published.number if board.published else None
    board.published = None
    board.save(update_fields=["published"])
    audit.wrote(request, "withdraw_board", board, before={"version": before}, after={"version": None})


def restore(request: HttpRequest, board: Board, number: int) -> BoardVersion:
    """An earlier version once more, as the newest."""
    return save(request, board, _version(board, number).items, note=f"{number} →")


@transaction.atomic
def archive(request: HttpRequest, board: Board, *, back: bool = False) -> None:
    """Take a board off, or bring it back."""
    board.archived_at = None if back else timezone.now()
    board.save(update_fields=["archived_at"])
    audit.wrote(request, "restore_board" if back else "archive_board", board)


@transaction.atomic
def note_alarm(request: HttpRequest, city: str, row: str, period: str, note: str) -> AlarmNote:
    """Take note of a breached target.

    Raises:
        Problem: nothing is said.
    """
    if not note.strip():
        raise Problem(_("Say what is being done about it."))
    assert isinstance(request.user, User)
    made = AlarmNote.objects.create(city=city, row=row, period=period, note=note.strip()[:500], made_by=request.user)
    audit.wrote(request, "note_alarm", made, after={"row": row, "period": period, "note": made.note})
    return made


def _version(board: Board, number: int) -> BoardVersion:
    found = board.versions.filter(number=number).first()
    if found is None:
        raise Problem(_("The board has no version %(number)s.") % {"number": number})
    return found
