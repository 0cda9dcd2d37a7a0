"""`qala people`: the first administrator, and the accounts of a demo."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from qala.cli.output import console
from qala.cli.session import DEFAULT_LAKE, LakeOption
from qala.standard.problems import Problem

app = typer.Typer(no_args_is_help=True, help="Who signs in to the site.")

HomeOption = Annotated[Path, typer.Option("--home", envvar="QALA_HOME", help="The site's folder.")]
DEFAULT_HOME = Path("out/site")


@app.command("add-admin")
def add_admin(
    email: Annotated[str, typer.Option("--email", help="Email of the person.")],
    name: Annotated[str, typer.Option("--name", help="Name of the person.")] = "",
    address: Annotated[
        str, typer.Option("--address", envvar="QALA_PUBLIC_URL", help="Where the site is reached, for the link.")
    ] = "http://localhost:8000",
    ask: Annotated[bool, typer.Option("--ask-password", help="Ask for a password here instead of a link.")] = False,
    lake: LakeOption = DEFAULT_LAKE,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Make the first administrator, who then invites everyone else on the site.

    Prints a link that holds for three days and works once; a second factor is set up at the first sign-in.

    Examples:

      qala people add-admin --email aigul@example.kz

      qala people add-admin --email aigul@example.kz --ask-password
    """
    set_up(lake, home)
    from qala.people import administrators

    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if ask else None
    path = administrators.add(email, name, password)
    if path is None:
        console().print(f"{email} may sign in at {address.rstrip('/')}/ with the password that you typed.")
    else:
        console().print(f"Within three days, and once, {email} sets a password here:", highlight=False)
        console().print(f"  {address.rstrip('/')}{path}", highlight=False, soft_wrap=True)


@app.command("demo")
def demo(lake: LakeOption = DEFAULT_LAKE, home: HomeOption = DEFAULT_HOME) -> None:
    """Make an account for each role, with a password that is shown. Only where QALA_DEMO=1.

    Their second factor is not asked, which their pages say; without QALA_DEMO=1 nobody can sign in with them.

    Examples:

      qala people demo --home out/demo/site --lake out/demo/lake
    """
    if os.environ.get("QALA_DEMO") != "1":
        raise Problem("Demo accounts are for demos.", hint="Set QALA_DEMO=1, on a site with simulated data only.")
    set_up(lake, home)
    from qala.people import demo as accounts

    for line in accounts.accounts():
        console().print(line, highlight=False)


def set_up(lake: Path, home: Path) -> None:
    """Start Django on an installation; its database is started if it is our own, and brought up to date."""
    os.environ |= {"QALA_LAKE": str(lake.resolve()), "QALA_HOME": str(home.resolve())}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qala.config.settings")
    import django
    from django.core.management import call_command

    from qala.config.database import owner_url

    os.environ["DATABASE_URL"] = owner_url()

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
