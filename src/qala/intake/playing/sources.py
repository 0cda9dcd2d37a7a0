"""The sources of a playing city: registered as what they are, with a credential for as long as it plays."""

from __future__ import annotations

from typing import Any

from qala import facts
from qala.intake import services
from qala.intake.models import Credential, Source
from qala.intake.playing.parts import Part

_GTFS_RT = {
    "dataset": "transport.positions",
    "columns": {
        "vehicle_id": "vehicle.id", "recorded_at": "timestamp", "registered_at": "timestamp", "route_id": "trip.route_id",
        "lat": "position.latitude", "lon": "position.longitude", "bearing": "position.bearing", "speed": "position.speed",
    }
}  # fmt: skip


def opened(city: str, part: Part, feed: str) -> tuple[Source, Credential, str]:
    """The source of a part, ready to take what it sends; its credential and secret.

    Args:
        feed: address of the feed, for a pull.
    """
    contract = facts.catalogue().contract(part.dataset)
    doors: dict[str, dict[str, Any]] = {"files": {"quiet_s": 1, "keep_days": 0}, "pull": {"url": feed}}
    settings = doors.get(part.door, {})
    found = Source.objects.filter(name=part.name(city)).first()
    if found is None:
        found = services.register(
            None,
            Source(
                name=part.name(city),
                title=f"Имитация: {contract.name.ru}"[:160],
                city=city,
                dataset=part.dataset,
                door=part.door,
                way="file" if part.door == "files" else "integration",
                format={"pull": "gtfs_rt", "files": "csv"}.get(part.door, "json"),
                rows_at="vehicle" if part.door == "pull" else "",
                mapping=_GTFS_RT if part.door == "pull" else {},
                every=2 if part.door == "pull" else 0,
                settings=settings,
                simulated=True,
            ),
        )
    elif found.settings != settings or found.door != part.door:
        services.change(None, found, {"settings": settings, "door": part.door})
    services.resume(None, found)
    credential, secret = services.issue_credential(None, found)
    return found, credential, secret


def closed(source: Source, credential: Credential) -> None:
    """Nothing is expected of it until the city plays again."""
    services.revoke_credential(None, credential)
    services.pause(None, source)
