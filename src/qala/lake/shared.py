"""A lake that several machines share through object storage (S3).

The storage holds what they agree on: the tables with their Delta logs, the ledger, refused rows, the numbers of rows. Each
machine keeps a whole lake on its own disk, as one that is not shared does, and *follows* the storage: commits, data files and
receipts of the others come to its disk, where everybody reads. Nothing is decided on a disk. A commit is the conditional put
of the log's next entry, a receipt that of the ledger's next number: of two machines one is first, the other follows it and
looks again. So no machine holds a lock that another waits for, and one that dies stops nobody.

`shared.json` in the lake's folder says where the storage is; what proves us there is in the environment (`AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`). What is not shared: landings, cities, secrets, runs, sums, states of refused rows.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qala.lake import log
from qala.lake.durable import held, write_whole
from qala.standard.problems import Problem

if TYPE_CHECKING:
    from obstore.store import S3Store

FILE = "shared.json"
_PROOFS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_DIGITS = 12  # of a receipt's number, in its name
_BEFORE_CHECKPOINT = 60  # commits between two checkpoints, and some


class OutrunError(Problem):
    """Another machine changed the same city of a table first."""

    def __init__(self, dataset: str) -> None:
        super().__init__(f"another machine changed {dataset} meanwhile", hint="do it again")


class StoragePlace(BaseModel):
    """Where a lake is shared: `shared.json`.

    Args:
        machine: names this machine among them; given once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bucket: str = Field(min_length=3)
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    machine: str = Field(default_factory=lambda: secrets.token_hex(4))


class Shared:
    """The storage of a lake, as one machine sees it.

    Args:
        folder: the machine's lake.
    """

    def __init__(self, folder: Path, place: StoragePlace) -> None:
        self.folder = folder
        self.place = place

    @classmethod
    def of(cls, folder: Path) -> Shared | None:
        """The storage that `shared.json` names; None for a lake of one machine.

        Raises:
            Problem: the file cannot be read.
        """
        file = folder / FILE
        try:
            return cls(folder, StoragePlace.model_validate_json(file.read_bytes()))
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise Problem(
                f"it does not say where the lake is shared: {error.errors()[0]['msg']}", where=str(file)
            ) from None

    @property
    def machine(self) -> str:
        return self.place.machine

    @cached_property
    def _store(self) -> S3Store:
        from obstore.store import S3Store

        config = {name.lower().removeprefix("aws_"): value for name in _PROOFS if (value := os.environ.get(name))}
        config |= {"region": self.place.region}
        if self.place.endpoint:
            config |= {"endpoint": self.place.endpoint, "virtual_hosted_style_request": "false"}
        return S3Store(
            self.place.bucket,
            prefix=self.place.prefix or None,
            config=cast(Any, config),
            client_options=cast(
                Any, {"allow_http": self.place.endpoint.startswith("http://"), "connect_timeout": "10s"}
            ),
        )

    @property
    def delta_options(self) -> dict[str, str]:
        """What the library that writes Delta tables is to know of the storage."""
        found = {name: value for name in _PROOFS if (value := os.environ.get(name))}
        found |= {"AWS_REGION": self.place.region, "conditional_put": "etag"}
        if self.place.endpoint:
            found |= {"AWS_ENDPOINT_URL": self.place.endpoint}
            found |= {"AWS_ALLOW_HTTP": "true"} if self.place.endpoint.startswith("http://") else {}
        return found

    def delta_address(self, dataset: str) -> str:
        return "/".join(
            part for part in (f"s3://{self.place.bucket}", self.place.prefix.strip("/"), "tables", dataset) if part
        )

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Errors of the storage as problems."""
        from obstore.exceptions import BaseError

        try:
            yield
        except BaseError as error:
            why = " ".join(str(error).split("Debug source")[0].split())[:300] or type(error).__name__
            where = f"s3://{self.place.bucket}/{self.place.prefix}"
            raise Problem(f"the storage that machines share does not answer: {why}", where=where) from None

    # Objects

    def put_new(self, name: str, content: bytes) -> bool:
        """Put an object if there is none of that name yet; whether it was put."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        with self.told():
            try:
                obstore.put(self._store, name, content, mode="create")
            except AlreadyExistsError:
                return False
        return True

    def put_file(self, name: str, path: Path) -> None:
        """Put a file's content, whatever was there."""
        import obstore

        with self.told():
            obstore.put(self._store, name, path)

    def get(self, name: str) -> bytes | None:
        """An object, or None."""
        import obstore

        with self.told():
            try:
                return obstore.get(self._store, name).bytes().to_bytes()
            except FileNotFoundError:
                return None

    def names(self, under: str, after: str = "") -> list[str]:
        """Names of objects below a folder that sort after one; in order."""
        import obstore

        with self.told():
            pages = obstore.list(self._store, under, offset=after or None)
            return sorted(str(one["path"]) for page in pages for one in page)

    def datasets(self) -> list[str]:
        """Ids of the datasets that have receipts."""
        import obstore

        with self.told():
            found = obstore.list_with_delimiter(self._store, "ledger")
        return sorted(str(name).rstrip("/").rpartition("/")[2] for name in found["common_prefixes"])

    def fetch(self, name: str, path: Path) -> None:
        """Bring an object to the disk, whole or not at all.

        Raises:
            Problem: there is none.
        """
        content = self.get(name)
        if content is None:
            raise Problem("an object that the log names is not in the storage", where=name)
        write_whole(path, content)

    # Tables

    def follow_table(self, dataset: str) -> None:
        """Bring what others committed to a table to this machine's disk."""
        table, name = self.folder / "tables" / dataset, f"tables/{dataset}"
        with held(self.folder / "locks" / dataset / "follow.lock"):
            last = log.last_version(table)
            after = f"{name}/{log.FOLDER}/{max(0, last - _BEFORE_CHECKPOINT):020d}"
            there = {one.rpartition("/")[2]: one for one in self.names(f"{name}/{log.FOLDER}", after)}
            commits = [
                one for one in sorted(there) if one.endswith(".json") and one[:20].isdigit() and int(one[:20]) > last
            ]
            contents = {one: self.get(there[one]) or b"" for one in commits}
            actions = [json.loads(line) for content in contents.values() for line in content.splitlines() if line]
            gone = {action["remove"]["path"] for action in actions if "remove" in action}
            for path in (action["add"]["path"] for action in actions if "add" in action):
                if path not in gone and not (table / path).exists():
                    self.fetch(f"{name}/{path}", table / path)
            for one, content in contents.items():
                write_whole(table / log.FOLDER / one, content)
            for one in there:
                if one.endswith(".checkpoint.parquet") and not (table / log.FOLDER / one).exists():
                    self.fetch(there[one], table / log.FOLDER / one)

    # Ledger

    def receipts_after(self, dataset: str, number: int) -> list[tuple[int, str]]:
        """Receipts after one of the ledger's numbers: number and line."""
        names = self.names(f"ledger/{dataset}", f"ledger/{dataset}/{number:0{_DIGITS}d}.json")
        return [(int(name[-5 - _DIGITS : -5]), (self.get(name) or b"").decode()) for name in names]

    def put_receipt(self, dataset: str, number: int, line: str) -> bool:
        """Give the ledger's next number to a receipt; whether it was free."""
        return self.put_new(f"ledger/{dataset}/{number:0{_DIGITS}d}.json", line.encode())

    # Numbers of rows

    def take_blocks(self, blocks: int, least: int) -> int:
        """The first of so many consecutive numbers, none below `least`, that no machine will get."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        name = "next_row_block"
        while True:
            with self.told():
                try:
                    found = obstore.get(self._store, name)
                    stored, mode = int(found.bytes().to_bytes()), {"e_tag": found.meta["e_tag"]}
                except FileNotFoundError:
                    stored, mode = 0, None
                first = max(stored, least)
                try:
                    obstore.put(self._store, name, str(first + blocks).encode(), mode=cast(Any, mode or "create"))
                except (AlreadyExistsError, PreconditionError):
                    continue
                return first


def share(folder: Path, place: StoragePlace) -> Sequence[str]:
    """Share a lake through storage: bring what it has there, or, where the storage has a lake, follow that one.

    Returns:
        The datasets that were brought to the storage.

    Raises:
        Problem: both have rows already; the lake is shared already; the storage does not answer.
    """

    from qala.lake.ledger import Ledger

    if (folder / FILE).exists():
        raise Problem("this lake is shared already", where=str(folder / FILE))
    shared = Shared(folder, place)
    own = sorted(file.stem for file in (folder / "ledger").glob("*.jsonl"))
    if own and (shared.datasets() or shared.names("tables")):
        raise Problem(
            "both this lake and the storage have rows",
            where=str(folder),
            hint="begin with a new lake (cities and secrets copied), and send its rows to it",
        )
    for path in sorted((folder / "tables").rglob("*.parquet")):
        shared.put_file(path.relative_to(folder).as_posix(), path)
    for path in sorted((folder / "tables").rglob(f"{log.FOLDER}/*.json")):
        shared.put_file(path.relative_to(folder).as_posix(), path)
    for path in sorted((folder / "tables").rglob(f"{log.FOLDER}/_last_checkpoint")):
        shared.put_file(path.relative_to(folder).as_posix(), path)
    for path in sorted((folder / "quarantine").rglob("*.parquet")):
        shared.put_file(path.relative_to(folder).as_posix(), path)
    if (file := folder / "next_row_block").exists():
        shared.put_file("next_row_block", file)
    for dataset in own:
        file = folder / "ledger" / f"{dataset}.jsonl"
        lines = [
            json.dumps({**json.loads(line), "machine": place.machine}, ensure_ascii=False)
            for line in Ledger(folder / "ledger").lines(dataset)
        ]
        write_whole(file, "".join(f"{line}\n" for line in lines).encode())
        for number, line in enumerate(lines, start=1):
            shared.put_receipt(dataset, number, line)
        write_whole(folder / "ledger" / f"{dataset}.followed", str(len(lines)).encode())
    write_whole(folder / FILE, place.model_dump_json(indent=1).encode())
    return own
