"""Electronic signatures: a document's bytes are kept as they were signed, with detached signatures that are never changed.

Who signs how is a port (`port.Signer`) with an adapter by setting (`QALA_SIGNER`). The one that comes along is for tests and
has no legal force, which it says on every page and in every document.

    from qala.kits.signatures import register, services, queries
    register("rating_year.claim", "qala.rating_year.completion.access")        # in AppConfig.ready: who may see it
    services.sign(request, claim, content, document, "report_7", role="deputy", position="deputy akim")
    queries.standing(claim, content)            # the signed version, as long as the content is what was signed
"""

from qala.kits.signatures.port import Checked, Request, Signer, Unreadable, register, signer, signer_of

__all__ = ["Checked", "Request", "Signer", "Unreadable", "register", "signer", "signer_of"]
