"""The page of the API's reference, out of the document that the API itself serves."""

from __future__ import annotations

import os
from typing import Any


def document() -> dict[str, Any]:
    """The API's OpenAPI document; no database is asked."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "qala.config.settings"  # a test that runs this has others
    os.environ.setdefault("DATABASE_URL", "postgresql:///unused")
    import django

    django.setup()
    from qala.portal.api.service import api

    found: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    return found


def api_page() -> str:
    """Every operation with its parameters, and every shape with its fields."""
    said = document()
    lines = [
        "# The API",
        "",
        f"{said['info']['description']} The document is at `/api/v1/openapi.json` (OpenAPI {said['openapi']}), a page to try it",
        "at `/api/v1/docs`. [How to use it](../howto/use-the-api.md) has worked examples.",
        "",
        "Lists come by stretches: `limit`, `offset`, `count`, and `next`, the address of the following stretch. Every good",
        "answer has an `ETag`; who sends it back in `If-None-Match` gets 304. An error is `application/problem+json`",
        "(RFC 9457) with `title`, `status`, `detail`, `where` and `hint`: 401 no token that holds where one is needed, 403 a",
        "right that lacks, 404, 422 a parameter, 429 too many requests (`Retry-After` says when).",
    ]
    group = None
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            tag = operation["tags"][0]
            if tag != group:
                lines += ["", f"## {tag}"]
                group = tag
            lines += ["", f"### `{method.upper()} {path}`", "", operation.get("description", "")]
            lines += ["", f"Answers with {_shape(_good(operation['responses']))}."]
            parameters = operation.get("parameters", [])
            if parameters:
                lines += ["", "| parameter | where | type | default | meaning |", "| --- | --- | --- | --- | --- |"]
                lines += [_parameter(one) for one in parameters]
    lines += ["", "## Shapes"]
    for name, shape in sorted(said["components"]["schemas"].items()):
        lines += ["", f"### {name}", "", shape.get("description", "").strip(), ""]
        lines += ["| field | type | meaning |", "| --- | --- | --- |"]
        for field, about in shape.get("properties", {}).items():
            lines.append(f"| `{field}` | {_type(about)} | {about.get('description', '')} |")
    return "\n".join(line.rstrip() for line in lines)


def _parameter(one: dict[str, Any]) -> str:
    schema = one["schema"]
    default = schema.get("default")
    needed = "required" if one.get("required") else "" if default is None else f"`{default}`"
    meaning = one.get("description") or schema.get("description", "")
    return f"| `{one['name']}` | {one['in']} | {_type(schema)} | {needed} | {meaning} |"


def _shape(answer: dict[str, Any]) -> str:
    return _type(answer["content"]["application/json"]["schema"])


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"mapping to {_type(schema['additionalProperties'])}"
    return str(schema.get("format") or schema.get("type") or "anything")


def _good(answers: dict[Any, Any]) -> dict[str, Any]:
    """The answer of an operation that went well; statuses are numbers in memory and texts on the wire."""
    found: dict[str, Any] = next(answer for status, answer in answers.items() if int(status) == 200)
    return found
