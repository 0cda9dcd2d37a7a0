"""A prefix of a bucket that is watched: objects are taken in and moved aside, as files of a watched folder are."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast

import obstore
from obstore.exceptions import BaseError, PreconditionError
from obstore.store import S3Store
from pydantic import Field
from urllib3.util import parse_url

from qala.intake.doors.files import Outcome
from qala.intake.doors.one_file import Takes, look_over, said, take_one
from qala.intake.feed import Feed, Taken
from qala.intake.fetchers.addresses import checked_addresses
from qala.intake.fetchers.fetched import Secret, Settings, Turn, read_settings
from qala.standard.problems import Problem

_UNFINISHED = (".part", ".tmp", ".filepart", ".partial")
_MOST_AT_ONCE = 100
_MOST_REMEMBERED = 50_000
_STEP = 1 << 20


class S3Settings(Settings):
    """Settings of a watched prefix.

    Args:
        bucket, prefix: `incoming/heat/`; the whole bucket if empty.
        endpoint: address of the service; Amazon's own by region if empty.
        access_key, secret_key: of an account that may list, read, write and delete there.
        then: what becomes of a taken object: moved to `taken/`, deleted, or kept where it is and remembered.
        most_mb: megabytes of the largest object.
    """

    bucket: str = Field(min_length=3, max_length=63)
    prefix: str = Field(default="", max_length=500)
    endpoint: str = Field(default="", max_length=500)
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: Secret | None = None
    path_style: bool = True
    then: Literal["move", "delete", "keep"] = "move"
    most_mb: int = Field(default=1024, ge=1, le=100_000)


class UnansweredError(Problem):
    """The service does not answer or refuses; no object is to blame."""


@dataclass(frozen=True)
class Looked:
    """What one look at a prefix found; the position is to be remembered."""

    outcomes: list[Outcome]
    position: Mapping[str, Any]
    more: bool = False


def look(
    feed: Feed, receiver: Takes, said_settings: Mapping[str, Any], position: Mapping[str, Any], turn: Turn
) -> Looked:
    """Take the objects that are new.

    An object is whole when it is there. The one that was listed is the one that is read, by its ETag; if it is replaced
    meanwhile, the new one is taken at the next look, and is never moved aside unread.

    Raises:
        Problem: the settings are wrong, the service does not answer or refuses.
        Full: nothing can be taken now.
    """
    how = read_settings(S3Settings, said_settings)
    look_over(receiver, feed)
    known: dict[str, str] = dict(position.get("taken", {}))
    with _told(how):
        store = _store(how, turn)
        objects = list(_new(store, how, known))
    outcomes: list[Outcome] = []
    for one in objects[:_MOST_AT_ONCE]:
        found = _take(store, how, feed, receiver, one, turn)
        if found is not None:
            outcomes.append(found)
        if how.then == "keep":
            known[str(one["path"])] = str(one["e_tag"])
    if len(known) > _MOST_REMEMBERED:
        raise Problem(
            f"more than {_MOST_REMEMBERED} objects stay in the bucket",
            where=f"{how.bucket}/{how.prefix}",
            hint="let taken objects be moved, or let the bucket remove old ones",
        )
    return Looked(outcomes, {"taken": known} if how.then == "keep" else {}, len(objects) > _MOST_AT_ONCE)


@contextlib.contextmanager
def _told(how: S3Settings) -> Iterator[None]:
    """Errors of the service as problems."""
    try:
        yield
    except (BaseError, OSError) as error:
        why = " ".join(str(error).split("Debug source")[0].split())[:300] or type(error).__name__
        raise UnansweredError(
            f"the object storage does not answer: {why}", where=f"{how.bucket}/{how.prefix}"
        ) from None


def _store(how: S3Settings, turn: Turn) -> S3Store:
    config: dict[str, Any] = {
        "region": how.region,
        "virtual_hosted_style_request": "false" if how.path_style else "true",
    }
    secure = True
    if how.endpoint:
        address = parse_url(how.endpoint)
        if address.scheme not in ("http", "https") or not address.host:
            raise Problem("an endpoint begins with http:// or https://", where="settings: endpoint")
        secure = address.scheme == "https"
        checked_addresses(address.host.strip("[]"), address.port or (443 if secure else 80), turn.allowed)
        config["endpoint"] = how.endpoint
    if how.access_key:
        config["access_key_id"] = how.access_key
        config["secret_access_key"] = turn.opened(how.secret_key) if how.secret_key else ""
    else:
        config["skip_signature"] = True
    return S3Store(
        how.bucket,
        config=cast(Any, config),
        client_options=cast(Any, {"allow_http": not secure, "connect_timeout": "10s", "timeout": "300s"}),
        retry_config=cast(Any, {"max_retries": 3}),
    )


def _new(store: S3Store, how: S3Settings, known: dict[str, str]) -> Iterator[Any]:
    """Objects right below the prefix that are not taken yet; what is gone is forgotten."""
    folder = how.prefix.rstrip("/")
    there: set[str] = set()
    found = obstore.list_with_delimiter(store, f"{folder}/" if folder else None)
    for one in sorted(found["objects"], key=lambda one: one["last_modified"]):
        path = str(one["path"])
        there.add(path)
        name = path.rpartition("/")[2]
        if not name or name.startswith((".", "~")) or name.lower().endswith(_UNFINISHED):
            continue
        if known.get(path) != one["e_tag"]:
            yield one
    for path in set(known) - there:
        del known[path]


def _take(store: S3Store, how: S3Settings, feed: Feed, receiver: Takes, one: Any, turn: Turn) -> Outcome | None:
    path, e_tag, name = str(one["path"]), one["e_tag"], str(one["path"]).rpartition("/")[2]
    received = turn.now.astimezone(UTC)
    local = turn.work / "object"
    most = how.most_mb << 20
    taken: Taken | None = None
    problem: Problem | None = None
    try:
        if one["size"] > most:
            raise Problem(
                f"the object has {one['size'] >> 20} MB; at most {how.most_mb} are taken",
                where=name,
                hint="send it in parts",
            )
        if not _download(store, how, path, e_tag, local):
            return None  # taken back, or replaced: the next look sees
        key = f"{path}:{e_tag}:{one['last_modified'].isoformat()}"
        taken = take_one(receiver, feed, local, name, received=received.replace(tzinfo=None), key=key, most_bytes=most)
    except UnansweredError:
        raise
    except Problem as found:
        problem = found
    finally:
        local.unlink(missing_ok=True)
    if how.then != "keep":
        with _told(how):
            _put_aside(store, how, path, name, e_tag, received, taken, problem)
    return Outcome(name, taken, problem)


def _put_aside(
    store: S3Store, how: S3Settings, path: str, name: str, e_tag: str | None, received: datetime, taken: Taken | None,
    problem: Problem | None,
) -> None:  # fmt: skip
    """Copy the object beside its receipt or reason, and delete it; one that replaced it meanwhile stays where it is."""
    aside = f"{path.removesuffix(name)}{'taken' if taken else 'refused'}/{received:%Y%m%dT%H%M%SZ}-{name}"
    if problem is not None:
        obstore.put(store, f"{aside}.reason.txt", f"{problem}\n".encode())
    elif taken is not None and how.then == "move":
        receipt = json.dumps(said(taken, name, received), ensure_ascii=False, indent=1)
        obstore.put(store, f"{aside}.receipt.json", f"{receipt}\n".encode())
    with contextlib.suppress(FileNotFoundError):
        if problem is not None or how.then == "move":
            obstore.copy(store, path, aside)
        if obstore.head(store, path)["e_tag"] == e_tag:
            obstore.delete(store, path)


def _download(store: S3Store, how: S3Settings, path: str, e_tag: str | None, to: Path) -> bool:
    """The very object that was listed, into a file; False if it is not there any more."""
    with _told(how):
        try:
            found = obstore.get(store, path, options={"if_match": e_tag} if e_tag else {})
            with to.open("wb") as file:
                for piece in found.stream(min_chunk_size=_STEP):
                    file.write(memoryview(piece))
        except (FileNotFoundError, PreconditionError):
            return False
    return True
