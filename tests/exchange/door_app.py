"""The door for parcels alone, for a real server."""

from starlette.applications import Starlette

from qala.intake.doors import exchange

app = Starlette(routes=exchange.routes())
