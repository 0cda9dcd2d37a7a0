"""The intake's ASGI application: `granian --interface asgi qala.config.intake:application`."""

import os
import sys

import django

# The thread that answers waits for those that decode and check so long at each of its steps; 5 ms would add up.
sys.setswitchinterval(0.001)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qala.config.settings")
django.setup()

from qala.intake.doors import http  # noqa: E402  only after Django is set up

application = http.application()
