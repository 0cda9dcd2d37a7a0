"""A signed document: its bytes, its signatures, and whether a file at hand is the one that was signed."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from qala import facts
from qala.kits.signatures.port import access_of
from qala.kits.signatures.queries import access_version, checked
from qala.kits.signatures.words import NO_FORCE

LARGEST = 20 * 1024 * 1024


@require_http_methods(["GET", "POST"])
def version(request: HttpRequest, number: int) -> HttpResponse:
    """Who signed it, checked just now; a file that is sent is compared and not kept."""
    found = access_version(request.user, number)
    access = access_of(found.kind)
    what = access(request.user, found.object_id) if access else None
    compared: dict[str, Any] = {}
    file = request.FILES.get("file") if request.method == "POST" else None
    if request.method == "POST":
        compared["file"] = file.name if file else ""
        if file is not None and (file.size or 0) <= LARGEST:
            compared["sha256"] = hashlib.sha256(file.read()).hexdigest()
            compared["same"] = compared["sha256"] == found.sha256
    lines, registry = checked(found), facts.lake().cities
    return render(
        request,
        "signatures/version.html",
        {
            "version": found,
            "what": what,
            "lines": [(one, "") for one in lines],
            "test": any(not one.signature.legal for one in lines),
            "no_force": NO_FORCE,
            "whole": hashlib.sha256(bytes(found.content)).hexdigest() == found.sha256,
            "compared": compared,
            "simulated": found.city in registry and registry.get(found.city).simulated,
        },
        status=422 if request.method == "POST" and "sha256" not in compared else 200,
    )


@require_safe
def document(request: HttpRequest, number: int) -> HttpResponse:
    """The very bytes that were signed."""
    found = access_version(request.user, number)
    return _file(bytes(found.content), f"{found.name}_v{found.number}.pdf", "application/pdf")


@require_safe
def signature(request: HttpRequest, number: int, of: int) -> HttpResponse:
    """A detached signature."""
    found = access_version(request.user, number)
    one = found.signatures.filter(pk=of).first()
    if one is None:
        raise Http404
    name = f"{found.name}_v{found.number}_{one.role}.sig"
    return _file(bytes(one.signature), name, "application/octet-stream")


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )  # fmt: skip
