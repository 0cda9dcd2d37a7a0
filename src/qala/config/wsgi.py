"""Pages, served by granian under WSGI."""

import contextlib
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qala.config.settings")
application = get_wsgi_application()


def _read_ahead() -> None:
    """Addresses, law and contracts, so that the first reader of a new process does not wait for them."""
    from django.urls import get_resolver

    from qala import facts
    from qala.standard.problems import Problem

    _ = get_resolver().url_patterns
    with contextlib.suppress(Problem):  # a page will say what is wrong
        facts.editions()
        facts.catalogue()


_read_ahead()
