"""Systems that deliver: the list, one of them, what is done to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qala import facts
from qala.intake import services
from qala.intake.activity import Standing, standing, troubles
from qala.intake.agreements import in_force
from qala.intake.models import Credential, Source
from qala.intake.queries import MANAGE, SEE, access_source, may_do, sources_for
from qala.people.access import Refused, may, may_somewhere, require, require_somewhere, visible_cities
from qala.portal.intake import looks, sending
from qala.portal.intake.forms import SourceForm
from qala.portal.intake.incident_pages import counts_of, secrets_of
from qala.portal.intake.trials import trial_of
from qala.portal.intake.words import STATES, cadence
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import language_of, said


@dataclass(frozen=True)
class Listed:
    """A line of the list."""

    source: Source
    standing: Standing
    city: Any
    dataset: Any
    cadence: str

    @property
    def mark(self) -> tuple[str, str, object]:
        """Tone, icon and words of its state."""
        return STATES[self.standing.state]


def listed(sources: Any, now: datetime) -> list[Listed]:
    """Sources with how they stand; the worst first."""
    lake, wrong = facts.lake(), troubles()
    contracts = facts.catalogue().contracts
    found = [
        Listed(
            one,
            standing(one, lake, now, wrong),
            lake.cities.get(one.city).names if one.city in lake.cities else one.city,
            contracts[one.dataset].name if one.dataset in contracts else one.dataset,
            cadence(one.every),
        )
        for one in sources
    ]
    order = {state: at for at, state in enumerate(STATES)}
    return sorted(
        found, key=lambda one: (order[one.standing.state], one.source.city, one.source.dataset, one.source.name)
    )


@require_safe
def sources(request: HttpRequest) -> HttpResponseBase:
    """Every source that one may see, with what came of it."""
    require_somewhere(request.user, SEE)
    now = datetime.now(UTC)
    get = request.GET
    found = sources_for(request.user)
    every = listed(found, now)
    chosen = [
        one
        for one in every
        if (not get.get("city") or one.source.city == get["city"])
        and (not get.get("state") or one.standing.state == get["state"])
        and (not get.get("door") or one.source.door == get["door"])
        and (
            not get.get("q")
            or get["q"].casefold() in f"{one.source.title} {one.source.name} {one.source.dataset}".casefold()
        )
    ]
    language = language_of(get_language())
    if wanted(request):
        columns = [
            _("Name"), _("What it is"), _("City"), _("Dataset"), _("Owner"), _("Way in"), _("Format"), _("Expected"), _("State"),
            _("Last delivery (UTC)"), _("Expected by (UTC)"), _("Rows in 24 hours"), _("Refused in 24 hours"),
        ]  # fmt: skip
        rows = (
            (
                one.source.name, one.source.title, said(one.city, language), one.source.dataset,
                one.source.owner.names.say(language) if one.source.owner else "", one.source.get_door_display(),
                one.source.get_format_display(), one.cadence, str(one.mark[2]), one.standing.since, one.standing.expected,
                one.standing.heard.within(24, now).read, one.standing.heard.within(24, now).refused,
            )
            for one in chosen
        )  # fmt: skip
        return table_response(request, "sources", columns, rows)
    states = [
        (state, words, sum(one.standing.state == state for one in every)) for state, (_t, _i, words) in STATES.items()
    ]
    registry = facts.lake().cities
    codes = sorted({one.source.city for one in every})
    return render(
        request,
        "portal/intake/sources.html",
        {
            "lines": [(one, one.standing.heard.within(24, now)) for one in chosen],
            "every": every,
            "states": states,
            "cities": [(code, registry.get(code).names if code in registry else code) for code in codes],
            "doors": Source.Door.choices,
            "may_register": may_somewhere(request.user, MANAGE) and bool(visible_cities(request.user, MANAGE)),
            "simulated": any(one.source.city in registry and registry.get(one.source.city).simulated for one in chosen),
        },
    )


@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """A new source: only for who leads the sources of its city."""
    require_somewhere(request.user, MANAGE)
    if not visible_cities(request.user, MANAGE):
        raise Refused(MANAGE, guest=False)
    first = {name: request.GET[name] for name in ("city", "dataset", "door") if request.GET.get(name)}
    form = SourceForm(request.user, request.POST or None, initial=first)
    trial = trial_of(request) if request.method == "POST" and request.POST.get("try") else None
    if request.method == "POST" and trial is None and form.is_valid():
        source = form.instance
        require(request.user, MANAGE, city=source.city)
        services.register(request, source)
        messages.success(request, _("The source is registered. Issue a credential, and let the system send."))
        return redirect("intake:source", source.name)
    return _form(request, form, trial, None)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, name: str) -> HttpResponse:
    """Another mapping, cadence, format or way in."""
    source = access_source(request.user, name, MANAGE)
    form = SourceForm(request.user, request.POST or None, instance=source)
    trial = trial_of(request, source) if request.method == "POST" and request.POST.get("try") else None
    if request.method == "POST" and trial is None and form.is_valid():
        services.change(request, access_source(request.user, name, MANAGE), form.changes())
        messages.success(request, _("Saved. Doors follow within some seconds."))
        return redirect("intake:source", name)
    return _form(request, form, trial, access_source(request.user, name, MANAGE))


def _form(request: HttpRequest, form: SourceForm, trial: Any, source: Source | None) -> HttpResponse:
    wrong = request.method == "POST" and bool(form.errors) and trial is None
    return render(
        request,
        "portal/intake/form.html",
        {
            "form": form,
            "source": source,
            "trial": trial,
            "sample": request.POST.get("sample", ""),
            "topic": request.POST.get("topic", ""),
        },
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
    )


@require_POST
def try_out(request: HttpRequest) -> HttpResponse:
    """What would become of a message: the part of the form below it. Nothing is kept."""
    name = request.POST.get("source", "")
    source = access_source(request.user, name, MANAGE) if name else None
    answer = render(request, "portal/intake/trial.html", {"trial": trial_of(request, source)})
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def source(request: HttpRequest, name: str) -> HttpResponse:
    """One source: how it stands, how it sends, what came."""
    return _page(request, access_source(request.user, name))


def _page(request: HttpRequest, source: Source, secret: str = "") -> HttpResponse:
    contract = facts.catalogue().contracts.get(source.dataset)
    if contract is None:
        raise Http404(_("The program has no contract for the dataset of this source any more."))
    lake, now = facts.lake(), datetime.now(UTC)
    city = lake.cities.get(source.city) if source.city in lake.cities else None
    how = standing(source, lake, now, troubles())
    may_rows = may(request.user, "rows.see", city=source.city) or may_do(request.user, MANAGE, source)
    heads, rows = looks.last_rows(source, contract) if may_rows else ((), [])
    context: Mapping[str, Any] = {
        "source": source,
        "contract": contract,
        "city": city,
        "zone": city.zone if city else "UTC",
        "standing": how,
        "mark": STATES[how.state],
        "cadence": cadence(source.every),
        "day": how.heard.within(24, now),
        "chart": looks.by_hour(how.heard, now, city.zone if city else "UTC"),
        "receipts": looks.last_receipts(source),
        "personal": looks.personal(source),
        "dropped": looks.dropped(source) if may_rows else {},
        "waiting": looks.waiting_rows(source),
        "heads": heads,
        "rows": rows,
        "may_rows": may_rows,
        "may_lead": may_do(request.user, MANAGE, source),
        "credentials": list(source.credentials.select_related("made_by")),
        "lines": sending.lines(request, source, contract, secret),
        "secret": secret,
        "secrets": secrets_of(source) if may_do(request.user, MANAGE, source) else [],
        "counts": counts_of(source),
        "agreement": in_force(source.city, source.dataset, facts.today(city.zone if city else "UTC")),
        "incidents": list(source.incidents.filter(closed_at=None)),
        "history": looks.history(source) if may(request.user, "audit.see", city=source.city) else [],
        "simulated": source.simulated or bool(city and city.simulated),
    }
    answer = render(request, "portal/intake/source.html", context)
    if secret:
        answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def issue(request: HttpRequest, name: str) -> HttpResponse:
    """A credential; its secret stands on this answer and nowhere else."""
    source = access_source(request.user, name, MANAGE)
    _made, secret = services.issue_credential(request, source)
    return _page(request, source, secret)


@require_POST
def revoke(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """End a credential."""
    source = access_source(request.user, name, MANAGE)
    credential = get_object_or_404(Credential, pk=number, source=source)
    services.revoke_credential(request, credential)
    messages.success(request, _("The credential opens nothing any more, within some seconds."))
    return redirect("intake:source", name)


@require_POST
def do(request: HttpRequest, name: str, verb: str) -> HttpResponse:
    """Pause, resume or remove."""
    source = access_source(request.user, name, MANAGE)
    verbs = {
        "pause": (services.pause, _("The source is paused: what it sends is refused, and it should keep it.")),
        "resume": (services.resume, _("The source is taken in again.")),
        "remove": (
            services.remove,
            _("The source is off the list and its credentials are revoked. What it sent stays."),
        ),
    }
    if verb not in verbs:
        raise Http404
    act, done = verbs[verb]
    act(request, source)
    messages.success(request, done)
    return redirect("intake:sources") if verb == "remove" else redirect("intake:source", name)
