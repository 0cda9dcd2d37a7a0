"""The site's settings in tests: a database server, files and mail of their own, under `out/test-site`."""

import os
from pathlib import Path

os.environ["QALA_HOME"] = str(Path(__file__).resolve().parents[1] / "out" / "test-site")

from qala.config.settings import *  # noqa: F403

DATABASES["default"]["TEST"] = {"NAME": f"test_qala_{os.getpid()}"}  # noqa: F405  two runs at once do not meet
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": STORAGES["default"],  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
