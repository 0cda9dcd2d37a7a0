"""Permissions, roles and token scopes as `rights.yaml` says them. Names of roles stand there and nowhere in code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from qala.standard.values import Text
from qala.standard.yaml_file import read_yaml

HERE = Path(__file__).parent

ScopeKind = Literal["country", "region", "city", "organisation"]


class _Named(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text


class _Holding(_Named):
    permissions: frozenset[str]


class Permission(_Named):
    """What may be done. `any`: it has no place; `place`: it holds in the scope in which its role was given."""

    where: Literal["any", "place"]
    reaches_tenants: bool = False


class Role(_Holding):
    """A set of permissions that is given together.

    Args:
        given_to: everyone, or everyone who signed in; None is by appointment.
        scopes: in which kinds of scope it is given.
        gives: roles that its holder may give, within the holder's scope.
        second_factor: whether nothing is open before a second factor is set up.
    """

    given_to: Literal["everyone", "signed_in"] | None = None
    scopes: tuple[ScopeKind, ...] = ()
    gives: frozenset[str] = frozenset()
    second_factor: Literal["required"] | None = None


class TokenScope(_Holding):
    """What a token may be limited to."""


class Rights(BaseModel):
    """The whole of `rights.yaml`, by code, in its order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    permissions: Mapping[str, Permission]
    roles: Mapping[str, Role]
    token_scopes: Mapping[str, TokenScope]

    @model_validator(mode="after")
    def _known(self) -> Self:
        holding: tuple[tuple[str, _Holding], ...] = (*self.roles.items(), *self.token_scopes.items())
        for code, part in holding:
            if unknown := part.permissions - self.permissions.keys():
                raise ValueError(f"{code}: there is no permission {', '.join(sorted(unknown))}")
        for code, role in self.roles.items():
            if unknown := role.gives - self.roles.keys():
                raise ValueError(f"{code} gives a role that is not there: {', '.join(sorted(unknown))}")
            if bool(role.scopes) == bool(role.given_to):
                raise ValueError(f"{code} is either given to all, or by appointment in scopes")
        return self

    def appointed(self) -> dict[str, Role]:
        """Roles that somebody must give."""
        return {code: role for code, role in self.roles.items() if role.given_to is None}

    def of_everyone(self, *, signed_in: bool) -> frozenset[str]:
        """Permissions that need no appointment."""
        kinds = ("everyone", "signed_in") if signed_in else ("everyone",)
        return frozenset().union(*(role.permissions for role in self.roles.values() if role.given_to in kinds))

    def holders(self, permission: str) -> list[Role]:
        """Roles by appointment that have a permission."""
        return [role for role in self.appointed().values() if permission in role.permissions]

    def givers(self, permission: str) -> list[Role]:
        """Roles that may give a role that has a permission."""
        having = {code for code, role in self.appointed().items() if permission in role.permissions}
        return [role for role in self.roles.values() if role.gives & having]


@cache
def rights() -> Rights:
    """What `rights.yaml` says.

    Raises:
        Problem: with file and line, where it is wrong.
    """
    said = read_yaml(HERE / "rights.yaml")
    return said.check(Rights, said.data)


@cache
def organisation_kinds() -> Mapping[str, Text]:
    """Kinds of organisations by code, in the order of `organisations.yaml`."""
    said = read_yaml(HERE / "organisations.yaml")
    return {code: said.check(Text, names, code) for code, names in said.mapping().items()}
