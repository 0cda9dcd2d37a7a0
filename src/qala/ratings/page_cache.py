"""Whole pages of published ratings, kept in the process for readers who are not signed in.

A page is kept compressed, with all its headers: the nonce in its text and the one in its Content-Security-Policy belong
together. A nonce that several readers share is no weaker here: to use it an attacker would have to get a script into the
page, and a page with other content is another page with another nonce.

Everything is dropped when something is published, when the registry of cities changes, and after `_LONGEST_S`, for pages
also tell how fresh the sources are; sooner where a page says so (`keep_for`). A page that follows the news asks for itself
again with the moment of the news in `Qala-News`; readers who follow the same share the answer.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from qala import facts
from qala.ratings.models import Publication, Sureness

_PAGES = re.compile(r"^/(kk|ru|en)/((rating|city|region|compare|order|runs)/[^?]*)?$")
_MOST_BYTES = 48 * 1024 * 1024
_MOST_OF_ONE = 2 * 1024 * 1024
_LONGEST_ADDRESS = 600
_LOOK_S = 1.0
_LONGEST_S = 300.0
_LONGEST_NEWS = 40
_NOT_KEPT = frozenset({"content-length", "date", "server", "set-cookie", "vary", "etag", "content-encoding"})

type Key = tuple[str, str, str]


@dataclass(frozen=True)
class _Page:
    body: bytes  # gzip
    plain: int  # bytes of it unpacked
    headers: tuple[tuple[str, str], ...]
    etag: str
    until: float


def keep_for(response: HttpResponse, seconds: float) -> None:
    """Have a page kept for so long at most."""
    response.qala_keep_for = seconds  # type: ignore[attr-defined]


class PublishedPages:
    """Middleware that answers from memory what guests read; it lies outside of sessions, languages and nonces."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._pages: OrderedDict[Key, _Page] = OrderedDict()
        self._bytes = 0
        self._mark: object = None
        self._looked = 0.0
        self._lock = threading.Lock()
        self._making = [threading.Lock() for _ in range(32)]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = self._key(request)
        if key is None:
            return self.get_response(request)
        self._look()
        page = self._find(key)
        if page is None:
            with self._making[hash(key) % len(self._making)]:  # of many who ask at once, one makes it
                page = self._find(key)
                if page is None:
                    mark = self._mark
                    response = self.get_response(request)
                    page = self._keep(key, response, mark)
                    if page is None:
                        return response
        return _answer(request, page)

    def _key(self, request: HttpRequest) -> Key | None:
        """What tells pages apart; None for what is never kept: other pages, other methods, somebody signed in."""
        path = request.path_info
        if request.method not in ("GET", "HEAD") or not _PAGES.match(path):
            return None
        query = request.META.get("QUERY_STRING", "")
        news = request.META.get("HTTP_QALA_NEWS", "")
        if len(path) + len(query) > _LONGEST_ADDRESS or len(news) > _LONGEST_NEWS:
            return None
        cookies = request.META.get("HTTP_COOKIE", "")
        if cookies and (settings.SESSION_COOKIE_NAME in request.COOKIES or "messages" in request.COOKIES):
            return None
        if "HTTP_AUTHORIZATION" in request.META or "HTTP_HX_REQUEST" in request.META:
            return None
        return request.META.get("HTTP_HOST", ""), path, f"{query} {news}"

    def _look(self) -> None:
        """Drop everything when what is published has changed; asked at most once a second."""
        now = time.monotonic()
        if now - self._looked < _LOOK_S:
            return
        self._looked = now
        mark = _mark()
        with self._lock:
            if mark is not None and mark != self._mark:
                self._mark = mark
                self._pages.clear()
                self._bytes = 0

    def _find(self, key: Key) -> _Page | None:
        with self._lock:
            page = self._pages.get(key)
            if page is None:
                return None
            if page.until < time.monotonic():
                self._drop(key)
                return None
            self._pages.move_to_end(key)
            return page

    def _keep(self, key: Key, response: HttpResponse, mark: object) -> _Page | None:
        """Keep a page, if it is one that all guests may share."""
        if response.status_code != 200 or response.streaming or response.cookies:
            return None
        said = response.headers.get("Cache-Control", "")
        if "no-store" in said or "private" in said or response.headers.get("Content-Encoding"):
            return None
        if len(response.content) > _MOST_OF_ONE:
            return None
        packed = gzip.compress(response.content, 6, mtime=0)
        headers = tuple((name, value) for name, value in response.items() if name.lower() not in _NOT_KEPT)
        if not said:
            headers += (("Cache-Control", "no-cache"),)  # kept, and asked about each time: a 304 costs little
        etag = f'W/"{hashlib.sha256(packed).hexdigest()[:24]}"'
        page = _Page(
            packed,
            len(response.content),
            headers,
            etag,
            time.monotonic() + getattr(response, "qala_keep_for", _LONGEST_S),
        )
        with self._lock:
            if mark == self._mark:  # nothing was published while it was made
                self._drop(key)
                self._pages[key] = page
                self._bytes += len(packed)
                while self._bytes > _MOST_BYTES:
                    self._drop(next(iter(self._pages)))
        return page

    def _drop(self, key: Key) -> None:
        old = self._pages.pop(key, None)
        if old is not None:
            self._bytes -= len(old.body)


def _answer(request: HttpRequest, page: _Page) -> HttpResponse:
    if _has(request.META.get("HTTP_IF_NONE_MATCH", ""), page.etag):
        response = HttpResponse(status=304)
        del response["Content-Type"]
    elif "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        response = HttpResponse(page.body)
        response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(page.body))
    else:
        response = HttpResponse(gzip.decompress(page.body))
        response["Content-Length"] = str(page.plain)
    for name, value in page.headers:
        if response.status_code == 200 or name.lower() != "content-type":
            response[name] = value
    response["ETag"] = page.etag
    patch_vary_headers(response, ("Cookie", "Accept-Encoding"))
    return response


def _has(said: str, etag: str) -> bool:
    """Whether If-None-Match names the page; weakly, for the same page is sent packed and unpacked."""
    return said.strip() == "*" or any(one.strip().removeprefix("W/") == etag[2:] for one in said.split(","))


def _mark() -> object | None:
    """Changes when something is published or weighed, or when the registry of cities does.

    None while the database does not answer: nothing can be published then, so what is in memory holds.
    """
    with contextlib.suppress(DatabaseError):
        newest = Publication.objects.aggregate(newest=Max("pk"))["newest"]
        weighed = Sureness.objects.aggregate(newest=Max("made_at"))["newest"]
        lake = facts.run_store().folder.parent
        registry = lake / "cities" / "cities.jsonl"
        return newest, weighed, registry.stat().st_mtime_ns if registry.exists() else 0, str(lake)
    return None
