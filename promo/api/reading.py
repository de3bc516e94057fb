"""Reading what stands for a body, wherever it came from."""

from functools import cache
from typing import Any

from rest_framework.exceptions import ValidationError

from promo.api.problems import sentence
from promo.api.serializers import ApiSerializer
from promo.errors import InvalidPayload


def read_body(
    sent: Any, serializer_class: type[ApiSerializer], *, partial: bool = False
) -> dict[str, Any]:
    """Return ``sent`` as ``serializer_class`` reads it.

    Raises:
        InvalidPayload: it does not fit; the details name the first problem.
    """
    reader = _reader(serializer_class, partial)
    try:
        return dict(reader.run_validation(sent))
    except ValidationError as refused:
        raise InvalidPayload(sentence(refused.detail)) from refused


@cache
def _reader(serializer_class: type[ApiSerializer], partial: bool) -> ApiSerializer:  # noqa: FBT001 - a cache's key
    """Return the reader of a kind of body, built once.

    Building one copies every field of every level, which takes as long as reading.
    Reading keeps nothing in it, so all threads share it.
    """
    return serializer_class(partial=partial)
