"""Looking up what the API log has of a request."""

from promo.call_log.models import ApiCall
from promo.tenancy.models import Project


def call_of(project: Project, request_id: str) -> str | None:
    """Return the id of the call that a request was, None where the log has none.

    Calls are stored a moment after they are answered and leave the log in time.
    """
    calls = ApiCall.objects.filter(project=project, request_id=request_id)
    return calls.order_by("created_at").values_list("pk", flat=True).first()
