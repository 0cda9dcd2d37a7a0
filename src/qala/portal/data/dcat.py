"""The catalogue of datasets in the terms of DCAT 3, as JSON-LD, for portals that harvest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qala.datasets import Contract
from qala.standard.values import LANGUAGES

_EVERY = {
    "minute": "CONT",
    "hour": "HOURLY",
    "day": "DAILY",
    "week": "WEEKLY",
    "month": "MONTHLY",
    "quarter": "QUARTERLY",
    "year": "ANNUAL",
}
_FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def catalogue(contracts: list[Contract], title: dict[str, str], absolute: Callable[[str, str], str]) -> dict[str, Any]:
    """All contracts as one `dcat:Catalog`.

    Args:
        title: of the catalogue, by language.
        absolute: (what, dataset id) -> address; what is `catalogue`, `page`, `csv`, `xlsx` or `counts`.
    """
    return {
        "@context": _CONTEXT,
        "@id": absolute("catalogue", ""),
        "@type": "dcat:Catalog",
        "dct:title": [{"@value": said, "@language": language} for language, said in title.items()],
        "dct:language": list(LANGUAGES),
        "dcat:dataset": [_dataset(one, absolute) for one in contracts],
    }


def _dataset(contract: Contract, absolute: Callable[[str, str], str]) -> dict[str, Any]:
    def texts(text: Any) -> list[dict[str, str]]:
        return [{"@value": text.say(language), "@language": language} for language in LANGUAGES]

    public = not contract.pseudonyms
    return {
        "@id": absolute("page", contract.id),
        "@type": "dcat:Dataset",
        "dct:identifier": contract.id,
        "dct:title": texts(contract.name),
        "dct:description": texts(contract.one_row_is),
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": texts(contract.owner)},
        "dct:accrualPeriodicity": {"@id": _FREQUENCY + _EVERY[contract.arrives.every]},
        "dct:conformsTo": contract.standard,
        "dct:accessRights": {
            "@id": "http://publications.europa.eu/resource/authority/access-right/"
            + ("RESTRICTED" if public else "NON_PUBLIC")
        },
        "dcat:version": str(contract.version),
        "dcat:keyword": sorted({*contract.law_calls_it, contract.id.split(".")[0]}),
        "dcat:landingPage": {"@id": absolute("page", contract.id)},
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dct:title": "Counts by month, day, district and H3 cell (small numbers hidden)",
                "dcat:accessURL": {"@id": absolute("counts", contract.id)},
                "dcat:mediaType": "text/csv",
            },
            {
                "@type": "dcat:Distribution",
                "dct:title": "Blank template",
                "dcat:downloadURL": {"@id": absolute("csv", contract.id)},
                "dcat:mediaType": "text/csv",
            },
        ],
    }
