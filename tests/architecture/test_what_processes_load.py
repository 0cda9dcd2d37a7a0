"""What every process of the site holds in memory: large libraries that a command needs are loaded by that command only."""

import os
import subprocess
import sys


def test_no_process_of_the_site_holds_what_only_commands_need() -> None:
    large = ("scipy", "pandas", "matplotlib")
    code = f"import django, sys; django.setup(); print([name for name in {large} if name in sys.modules])"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "qala.config.settings",
        "DATABASE_URL": "postgresql:///unused",
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
