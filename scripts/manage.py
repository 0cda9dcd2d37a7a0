"""Django's own commands, for who works on the site: .venv/bin/python scripts/manage.py makemigrations."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qala.config.settings")
execute_from_command_line(sys.argv)
