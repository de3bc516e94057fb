"""What bodies of campaigns and vouchers have in common."""

from typing import Any

from rest_framework.exceptions import ParseError

from promo.api.fields import JsonObject, JsonValue, Moment, Text
from promo.api.parsers import StrictJSONParser
from promo.api.serializers import ApiSerializer

LONGEST = 255


class Offer(ApiSerializer):
    """Dates, recurring limits, category and metadata; services know the grammar."""

    start_date = Moment(required=False, allow_null=True)
    expiration_date = Moment(required=False, allow_null=True)
    validity_timeframe = JsonValue(required=False, allow_null=True)
    validity_day_of_week = JsonValue(required=False, allow_null=True)
    validity_hours = JsonValue(required=False, allow_null=True)
    category = Text(shortest=1, longest=LONGEST, required=False, allow_null=True)
    category_id = Text(shortest=1, longest=LONGEST, required=False, allow_null=True)
    metadata = JsonObject(required=False, allow_null=True)


class LenientJSONParser(StrictJSONParser):
    """Takes any JSON; what is no object counts as an empty one."""

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Any = None
    ) -> Any:
        try:
            found = super().parse(stream, media_type, parser_context)
        except ParseError as wrong:
            if str(wrong.detail) == "Payload must be object":
                return {}
            raise
        return found if isinstance(found, dict) else {}
