"""Jobs that a process had begun when it was killed are done all the same, and their locks do not hold up others."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from qala.facts import jobs

pytestmark = pytest.mark.django_db(transaction=True)  # each call of the queue is a transaction of its own


@pytest.fixture(autouse=True)
def _empty_queue() -> Iterator[None]:
    """Django empties only the tables of its own models."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute("DELETE FROM procrastinate_workers")


def begun(task: str, queueing_lock: str | None = None) -> int:
    """A job that is being done by a process that there is not."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO procrastinate_jobs (task_name, queue_name, lock, queueing_lock, status, args)
               VALUES (%s, 'runs', 'runs', %s, 'doing', '{}') RETURNING id""",
            (task, queueing_lock),
        )
        return int(cursor.fetchone()[0])


def state(job: int) -> Any:
    return ProcrastinateJob.objects.get(pk=job).status


def take_up() -> None:
    async_to_sync(jobs.take_up.func)(SimpleNamespace(app=app), 0)


def test_a_job_whose_process_is_gone_waits_again() -> None:
    job = begun("ratings.weigh")
    take_up()
    assert state(job) == "todo"


def test_a_job_of_a_process_that_lives_is_left_to_it() -> None:
    job = begun("ratings.weigh")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        cursor.execute("UPDATE procrastinate_jobs SET worker_id = %s WHERE id = %s", (cursor.fetchone()[0], job))
    take_up()
    assert state(job) == "doing"


def test_where_the_same_waits_already_the_old_one_is_given_up() -> None:
    old = begun("facts.follow", "facts.follow")
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO procrastinate_jobs (task_name, queue_name, queueing_lock, status, args)
               VALUES ('facts.follow', 'default', 'facts.follow', 'todo', '{}')"""
        )
    take_up()
    assert state(old) == "failed"
