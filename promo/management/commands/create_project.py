"""Create a project with its first keys."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from promo.clock import utc_now
from promo.errors import PromoError
from promo.ids import parse_or_none
from promo.tenancy.models import Organisation
from promo.tenancy.services.projects import NewProject, create_project


class Command(BaseCommand):
    help = "Creates a project and prints its keys; the secrets are shown only here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--organisation", help="id of an existing organisation")
        parser.add_argument("--currency", default="USD")
        parser.add_argument("--timezone", default="UTC")
        parser.add_argument("--case-insensitive-codes", action="store_true")
        parser.add_argument("--sandbox", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        new = self._create(options)
        shown = new.as_json()
        if options["json"]:
            self.stdout.write(json.dumps(shown))
            return
        width = max(map(len, shown))
        for name, value in shown.items():
            self.stdout.write(f"{name:<{width}}  {value}")

    def _create(self, options: dict[str, Any]) -> NewProject:
        organisation = None
        if options["organisation"]:
            wanted = parse_or_none("org_", options["organisation"])
            organisation = Organisation.objects.filter(pk=wanted).first()
            if organisation is None:
                msg = "no such organisation"
                raise CommandError(msg)
        try:
            return create_project(
                name=options["name"],
                now=utc_now(),
                organisation=organisation,
                currency=options["currency"],
                timezone=options["timezone"],
                case_sensitive_codes=not options["case_insensitive_codes"],
                is_sandbox=options["sandbox"],
                client_trusted_domains=("*",),
            )
        except PromoError as refused:
            raise CommandError(refused.details or refused.message) from refused
