"""`python furnish.py`: puts into a demo's site one of everything that a page can be about; prints where it is, as JSON.

It goes in as people do, by the forms of the pages, so that it does not need to know how things are kept.
"""

from __future__ import annotations

import json
import os
import sys
import time

import django

OWN = "SIM-D03"
"""The city that the demo's people are appointed in."""
LAYER = "name;kind;lon;lat\nФонтан;big;71.41;51.11\nСкамейка;small;71.42;51.12\n"


def main(city: str) -> dict[str, object]:
    """Furnish the city's part of the site."""
    from allauth.account.forms import default_token_generator
    from allauth.account.models import EmailAddress
    from allauth.account.utils import user_pk_to_url_str
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from qala import facts
    from qala.groundwork.models import Mention, Overview, Point, Statement
    from qala.intake.models import Source
    from qala.inventory.models import DigitalObject
    from qala.kits.hearings.models import Hearing
    from qala.kits.signatures.models import Version
    from qala.kits.surveys.links import key_of
    from qala.kits.surveys.models import Invitation
    from qala.maturity.models import Assessment
    from qala.people import services as people
    from qala.people.models import Organisation, User
    from qala.portal.map.models import Layer
    from qala.ratings import jobs, queries
    from qala.ratings.models import Work
    from qala.roadmaps.models import Choosing, Roadmap
    from qala.strategies.models import Strategy
    from qala.strategies.models import Version as Written

    def of(role: str) -> Client:
        client = Client()
        user = User.objects.get(email=f"{role}@demo.example")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    analyst, ministry = of("analyst"), of("ministry")
    said = {"title_kk": "Орындықтар", "title_ru": "Скамейки", "title_en": "Benches", "shown_to": "public"}
    analyst.post(f"/en/map/layers/new/?city={city}", {**said, "file": SimpleUploadedFile("a.csv", LAYER.encode())})
    layer = Layer.objects.latest("pk")
    analyst.post(f"/en/map/layers/{layer.pk}/state/")
    later = SimpleUploadedFile("b.csv", LAYER.replace("big", "huge").encode())
    analyst.post(f"/en/map/layers/{layer.pk}/upload/", {"file": later, "note": "a second version"})
    key = layer.features.filter(until=None).first().key
    board = {"name": "own", "title_kk": "Тақта", "title_ru": "Панель", "title_en": "Board", "copy": "overview"}
    analyst.post(f"/en/board/{city}/new/", board)
    analyst.post("/en/account/tokens/", {"name": "Excel", "scopes": ["read"], "days": 30})
    sent = {
        "title": "Appeals of the centre",
        "name": "centre-appeals",
        "city": OWN,
        "dataset": "contact_centre.appeals",
    }
    how = {"door": "http", "way": "integration", "every": "", "format": "json"}
    of("digital-department").post("/en/intake/register/", {**sent, **how})
    claim = {
        "city": OWN, "year": 2026, "title": "Courtyards by heat", "sphere": "ecology", "in_roadmap": "on",
        "roadmap_item": "7.3", "measures": "Sensors were set up.", "started_on": "2026-02-01",
        "finished_on": "2026-09-01", "results": "Watering by the map.", "indicators": "courtyards: 0, 40",
        "signed_by": "deputy akim", "signed_on": "2026-11-01",
    }  # fmt: skip
    department = of("digital-department")
    numbers = [
        int(department.post("/en/year/claims/new/", claim)["Location"].strip("/").rpartition("/")[2]) for _ in range(2)
    ]
    department.post(f"/en/year/claims/{numbers[0]}/do/file/")
    of("city-lead").post(f"/en/year/claims/{numbers[1]}/do/sign/", {"position": "deputy akim"})
    said_of_2_1 = {"city": OWN, "year": 2026, "kpi": "2.1", "period": "2026-03", "rows": "c1", "text": "A test call."}
    objection = department.post("/en/year/objections/new/", said_of_2_1)["Location"].strip("/").rpartition("/")[2]
    department.post(f"/en/year/objections/{objection}/do/file/")
    strategy = Strategy.objects.get(city=OWN)
    for by, said_by in (
        (department, "Через девять лет."),
        (of("city-lead"), "Через десять лет."),
    ):  # both rest on the same text
        by.post(f"/en/strategies/{strategy.pk}/2/ru/save/", {"text": said_by, "rests_on": 1})
    guest = User.objects.create_user("new.person@demo.example", None, is_demo=True)
    keeper = User.objects.create_user("keeper@demo.example", "a long enough password 7", is_demo=True)
    EmailAddress.objects.create(user=keeper, email=keeper.email, verified=True, primary=True)
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(keeper, secret)
    RecoveryCodes.activate(keeper)
    publication = queries.holding()[0]
    asked = Invitation.objects.filter(survey__city=OWN, done=False).first()
    assert asked is not None
    ministry.post(f"/en/year/{publication.year}/{publication.category}/report/draft/")
    ministry.post(f"/en/runs/{publication.run}/verify/")
    jobs.ASSUMED |= {"draws": 200, "base": 16}
    jobs.weigh(publication.run, publication.category)
    lake = facts.lake()
    receipts = lake.ledger.receipts(city=city)
    snapshot = lake.table("stops.stops").snapshot()
    connection = lake.connection()
    stops = connection.execute(f"SELECT min(stop_id) FROM {snapshot.current_sql(snapshot.files(city))}").fetchall()
    air = lake.table("situation_centre.air_readings").snapshot()
    stations = connection.execute(f"SELECT min(station) FROM {air.current_sql(air.files(city))}").fetchall()
    connection.close()
    sessions: dict[str, str] = {}
    for user in User.objects.filter(is_demo=True).exclude(pk__in=(guest.pk, keeper.pk)):
        role = user.email.partition("@")[0]
        session = of(role).session
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time() + 3600, "email": user.email}
        ]
        session.save()
        sessions[role] = session.session_key
    point = Point.objects.select_related("meeting__group").latest("pk")
    return {
        "city": city,
        "own": OWN,
        "region": next((one.region for one in lake.cities.all() if one.region), ""),
        "run": publication.run,
        "category": publication.category,
        "year": publication.year,
        "work": Work.objects.latest("pk").pk,
        "claim": numbers[0],
        "draft": numbers[1],
        "objection": objection,
        "signed": Version.objects.latest("pk").pk,
        "receipt": next((one.id for one in receipts if one.quarantined), receipts[0].id),
        "stop": stops[0][0],
        "station": stations[0][0],
        "assessment": Assessment.objects.filter(city=OWN).exclude(published_at=None).first().pk,
        "link": key_of(asked),
        "survey": asked.survey.pk,
        "source": Source.objects.latest("pk").name,
        "layer": layer.pk,
        "key": key,
        "invitation": people.invitation_path(guest).partition("/account/")[2],
        "reset": f"{user_pk_to_url_str(keeper)}-{default_token_generator.make_token(keeper)}",
        "person": User.objects.get(email="operator@demo.example").pk,
        "organisation": Organisation.objects.first().pk,
        "keeper": {"email": keeper.email, "password": "a long enough password 7", "secret": secret},
        "roadmap": Roadmap.objects.get(city=OWN, state="draft").pk,
        "in_force": Roadmap.objects.get(city=OWN, state="published").pk,
        "hearing": Hearing.objects.latest("pk").pk,
        "message": Roadmap.objects.get(city=OWN, state="published").messages.first().pk,
        "choosing": Choosing.objects.latest("pk").pk,
        "action": Roadmap.objects.get(city=OWN, state="draft").actions.get(new_system=True).pk,
        "object": DigitalObject.objects.filter(city=OWN).first().pk,
        "group": point.meeting.group.pk,
        "member": point.meeting.group.members.first().pk,
        "meeting": point.meeting.pk,
        "point": point.pk,
        "mention": Mention.objects.filter(city=OWN).first().pk,
        "overview": Overview.objects.get(city=OWN).pk,
        "statement": Statement.objects.filter(overview__city=OWN).first().pk,
        "strategy": strategy.pk,
        "beside": Written.objects.get(section__strategy=strategy, beside=True).pk,
        "sessions": sessions,
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qala.config.settings")
    os.environ["QALA_DEMO"] = "1"
    django.setup()
    sys.stdout.write(json.dumps(main(sys.argv[1])) + "\n")
