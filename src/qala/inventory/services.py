"""Objects are written into the register, changed, taken out; a table of them is taken in whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qala.inventory.models import DigitalObject
from qala.inventory.sheets import Planned
from qala.people import audit
from qala.people.services import Impossible


@transaction.atomic
def keep(by: HttpRequest | None, one: DigitalObject, before: Mapping[str, Any] | None) -> None:
    """Write a new object or a changed one down, and into the log what it was and is."""
    one.full_clean()
    one.save()
    verb = "add_digital_object" if before is None else "change_digital_object"
    audit.wrote(by, verb, one, before, audit.said(one))


@transaction.atomic
def remove(by: HttpRequest, one: DigitalObject) -> None:
    """Take an object that was entered by mistake off the register; it stays in the log."""
    audit.wrote(by, "remove_digital_object", one, audit.said(one), None)
    one.removed_at = timezone.now()
    one.save(update_fields=["removed_at"])


@transaction.atomic
def take_in(by: HttpRequest, city: str, planned: list[Planned]) -> tuple[int, int]:
    """Do what a table asks, as it was shown; how many objects were added and changed.

    Raises:
        Impossible: an object was changed or taken out meanwhile; nothing is done.
        ValidationError: what was right when it was shown is wrong now, such as a name that somebody took.
    """
    there = {
        one.pk: one
        for one in DigitalObject.objects.select_for_update().filter(
            pk__in=[each.number for each in planned if each.number], city=city, removed_at=None
        )
    }
    for each in planned:
        if each.number is None:
            keep(by, DigitalObject(city=city, **each.values), None)
            continue
        one = there.get(each.number)
        if one is None or one.changed_at.isoformat() != each.seen:
            raise Impossible(
                _("“%(name)s” was changed by somebody while you looked; nothing is taken in. Load the file again.")
                % {"name": each.values["name"]}
            )
        before = audit.said(one)
        for name, value in each.values.items():
            setattr(one, name, value)
        keep(by, one, before)
    return sum(each.number is None for each in planned), sum(each.number is not None for each in planned)
