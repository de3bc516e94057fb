"""Taking rows in by the API: a CSV file, or an array of objects.

Both are answered with the id of the action that takes the rows.

Source: data specification, "CSV imports" and "Bulk updates".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from promo.api.fields import ListOf, Text
from promo.api.problems import sentence
from promo.api.serializers import ApiSerializer
from promo.api.views import ApiView
from promo.errors import InvalidPayload
from promo.jobs.rows.start import json_lines, start_row_work

ACCEPTED = 202


def csv_body(**fields: Any) -> dict[str, Any]:
    """Return the form of a file for the OpenAPI document, with more ``fields``."""
    file = {"type": "string", "format": "binary"}
    form = {"type": "object", "properties": {"file": file, **fields}}
    return {"multipart/form-data": {**form, "required": ["file"]}}


CSV_BODY = csv_body()


class AcceptedSerializer(ApiSerializer):
    """Which action does the work."""

    async_action_id = Text()


class FileParser(MultiPartParser):
    """Files of a form; a body of any other type has none."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        if not (media_type or "").startswith("multipart/form-data"):
            return DataAndFiles({}, {})
        return super().parse(stream, media_type, parser_context)


class Intake(ApiView):
    """The base of both; a subclass says ``kind``, the type of the action."""

    kind: ClassVar[str]
    answered: ClassVar[int] = ACCEPTED

    def arguments(self, **named: Any) -> dict[str, Any]:
        """Return what the work has to know beside its rows; ``named`` is the path's."""
        return {}

    def start(self, chunks: Iterable[bytes], arguments: Mapping[str, Any]) -> Response:
        """Have ``chunks`` taken; answer the action's id."""
        action = start_row_work(
            project=self.project,
            kind=self.kind,
            chunks=chunks,
            arguments=arguments,
            now=self.now,
        )
        return Response({"async_action_id": action.pk}, status=self.answered)


class CsvIntake(Intake):
    """Takes a CSV file, the part ``file`` of a form."""

    parser_classes = (FileParser,)

    @extend_schema(request=CSV_BODY, responses={202: AcceptedSerializer})
    def post(self, request: Request, **named: Any) -> Response:
        """Take the rows of a file in."""
        arguments = self.arguments(**named)
        sent = request.FILES.get("file")
        if sent is None:
            raise InvalidPayload("Payload should have required property 'file'")
        return self.start(sent.chunks(), arguments)


class ObjectsIntake(Intake):
    """Takes an array of objects."""

    item_class: ClassVar[type[ApiSerializer]]
    most: ClassVar[int] = 1_000_000

    def post(self, request: Request, **named: Any) -> Response:
        """Take objects in."""
        arguments = self.arguments(**named)
        items = self.read(request.data)
        self.check(items, arguments)
        return self.start(json_lines(items), arguments)

    def read(self, sent: Any) -> Sequence[Any]:
        """Return the objects of a body; no body and an empty one hold none.

        They are kept as they were sent; a subclass may keep what was ``understood``.

        Raises:
            InvalidPayload: it is no array of such objects.
        """
        self.understood(sent)
        return list(sent)

    def understood(self, sent: Any) -> list[dict[str, Any]]:
        """Return the objects of a body as ``item_class`` reads them.

        Raises:
            InvalidPayload: it is no array of such objects.
        """
        if sent in ({}, []):
            return []
        try:
            reader = ListOf(self.item_class(), fewest=0, most=self.most)
            items: list[dict[str, Any]] = reader.run_validation(sent)
        except ValidationError as refused:
            raise InvalidPayload(sentence(refused.detail)) from refused
        return items

    def check(self, items: Sequence[Any], arguments: Mapping[str, Any]) -> None:
        """Refuse the whole body, where nothing of it may be taken."""


class MetadataIntake(Intake):
    """Takes names and the metadata that all of them get."""

    names_field: ClassVar[str] = "source_ids"
    name_field: ClassVar[str] = "source_id"
    input_class: ClassVar[type[ApiSerializer]]

    def post(self, request: Request, **named: Any) -> Response:
        """Change the metadata of many at once."""
        sent = request.data
        if not sent or (isinstance(sent, dict) and not sent.get(self.names_field)):
            return self.start([], {"metadata": {}})
        values = self.parse(self.input_class)
        names = [{self.name_field: name} for name in values[self.names_field]]
        return self.start(json_lines(names), {"metadata": values.get("metadata") or {}})
