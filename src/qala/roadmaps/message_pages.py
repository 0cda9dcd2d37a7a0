"""The communication plan of a roadmap: who is told what, when and by which channel."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qala.kits.procedure.queries import today_of
from qala.people.access import may
from qala.roadmaps import services
from qala.roadmaps.forms import MessageForm
from qala.roadmaps.models import Message
from qala.roadmaps.monitoring_pages import about
from qala.roadmaps.queries import LEAD, SEE, access_message, access_roadmap
from qala.ui.downloads import table_response, wanted

LATE = "late"


@require_safe
def messages_of(request: HttpRequest, number: int) -> HttpResponseBase:
    """All lines by day; those of a state, or late ones, by the address."""
    roadmap = access_roadmap(request.user, number, SEE)
    today, show = today_of(roadmap.city), request.GET.get("show", "")
    found = list(roadmap.messages.all())
    late = [one for one in found if one.late(today)]
    left = late if show == LATE else [one for one in found if show in ("", one.state)] if show in _shows() else found
    if wanted(request):
        heads = [str(Message._meta.get_field(name).verbose_name) for name in MessageForm.Meta.fields]  # type: ignore[union-attr]
        return table_response(request, f"communication_{roadmap.city}_v{roadmap.version}", heads, map(_row, left))
    return render(
        request,
        "roadmaps/messages.html",
        {
            **about(roadmap),
            "lines": [(one, one.late(today)) for one in left],
            "any": bool(found),
            "show": show,
            "filters": [
                ("", _("all"), len(found)), (LATE, _("overdue"), len(late)),
                *((name, words, sum(one.state == name for one in found)) for name, words in Message.STATES.items()),
            ],
            "leads": may(request.user, LEAD, city=roadmap.city),
        },
    )  # fmt: skip


def _shows() -> tuple[str, ...]:
    return ("", LATE, *Message.STATES)


def _row(one: Message) -> list[Any]:
    return [
        one.audience, one.what, one.day, str(one.get_channel_display()), one.doer, str(one.get_state_display()), one.evidence,
    ]  # fmt: skip


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: int | None = None, message: int | None = None) -> HttpResponse:
    """A new line or a changed one."""
    if message is None:
        instance = Message(roadmap=access_roadmap(request.user, number or 0, LEAD))
    else:
        instance = access_message(request.user, message, LEAD)
    form = MessageForm(request.POST or None, instance=instance)
    if request.method == "POST" and form.is_valid():
        services.keep_message(request, form.instance)
        messages.success(request, _("Saved."))
        return redirect("roadmaps:messages", instance.roadmap_id)
    return render(
        request,
        "roadmaps/message.html",
        {**about(instance.roadmap), "form": form, "message_": instance},
        status=422 if request.method == "POST" else 200,
    )


@require_POST
def remove(request: HttpRequest, message: int) -> HttpResponse:
    """Take a line out."""
    one = access_message(request.user, message, LEAD)
    services.remove_message(request, one)
    messages.success(request, _("It is taken out; the log keeps it."))
    return redirect("roadmaps:messages", one.roadmap_id)
