"""The user of the database as whom the site works: it reads and writes rows, but owns no table.

So whoever gets hold of the site's connection can neither change what is append-only (the audit log, publications) nor take
the triggers away that refuse it, which the owner of a table always could.
"""

from __future__ import annotations

import os

from qala.config.database import database_url, is_own, owner_url

NAME = "qala_site"
_APPEND_ONLY = "%\\_append\\_only"
"""How migrations name the triggers of tables in which nothing is changed or deleted."""


def site_url() -> str:
    """The address for pages, intake and jobs, after the user's rights were brought up to date.

    With a server of our own the user is `qala_site`. With another server it is that of DATABASE_URL, where
    QALA_DATABASE_OWNER_URL names somebody else as the owner of the tables; without it the two are one.
    """
    owner = owner_url()
    if is_own():
        url = owner.replace("://postgres:@", f"://{NAME}:@", 1)
    elif os.environ.get("QALA_DATABASE_OWNER_URL"):
        url = database_url()
    else:
        return owner
    give_rights(owner, url, create=is_own())
    return url


def give_rights(owner: str, site: str, *, create: bool) -> None:
    """Let the site's user do what it needs and nothing else.

    Args:
        owner, site: addresses of the database as the owner of the tables, and as the site's user.
        create: make the user where it is not there; without a password, for servers that only listen to a local socket.
    """
    import psycopg
    from psycopg import sql

    with psycopg.connect(site if not create else owner) as connection:
        name = NAME if create else connection.info.user
        database = connection.info.dbname
    if not create and name == psycopg.conninfo.conninfo_to_dict(owner).get("user"):
        return  # one and the same: it owns the tables
    user = sql.Identifier(name)
    with psycopg.connect(owner, autocommit=True) as connection:
        if create and not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE").format(user))
        with connection.transaction():
            for rights in (
                "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {user}",
                "GRANT USAGE ON SCHEMA public TO {user}",
                "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {user}",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user}",
                "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {user}",
            ):
                connection.execute(sql.SQL(rights).format(database=sql.Identifier(database), user=user))
            guarded = connection.execute(
                "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE NOT t.tgisinternal AND t.tgname LIKE %s",
                [_APPEND_ONLY],
            ).fetchall()
            for table in (*(one[0] for one in guarded), "django_migrations"):
                connection.execute(sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), user))
