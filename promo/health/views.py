"""Whether this process answers, and whether it should be sent requests."""

from dataclasses import asdict

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from promo.health.check import Check

log = structlog.get_logger()


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200: a process that does not should be started anew.

    Nothing else is asked. Starting anew brings no database back.
    """
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every check passes, else 503; either way what each found."""
    checks = [_checked(path) for path in settings.READINESS_CHECKS]
    failed = [check.name for check in checks if not check.passed]
    if failed:
        log.warning("not_ready", checks=failed)
    return JsonResponse(
        {
            "status": "not_ready" if failed else "ready",
            "checks": [asdict(check) for check in checks],
        },
        status=503 if failed else 200,
    )


def _checked(path: str) -> Check:
    check: Check
    try:
        check = import_string(path)()
    except DatabaseError as error:
        name = path.rpartition(".")[2].removeprefix("check_")
        check = Check(
            name,
            passed=False,
            expected="an answer of the database",
            found=type(error).__name__,
        )
    return check
