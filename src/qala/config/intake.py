"""The intake's ASGI application: `granian --interface asgi qala.config.intake:application`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qala.config.settings")
django.setup()

from qala.intake.doors import http  # noqa: E402  only after Django is set up

application = http.application()
