"""Keeping segments as the day makes them."""

from celery import shared_task

from customers.services import segment_placing
from promo.clock import utc_now
from promo.request_context import internal_work


@shared_task
def follow_clock() -> None:
    """Place everybody again where a new day has begun for a project."""
    with internal_work():
        segment_placing.follow_clock(now=utc_now())
