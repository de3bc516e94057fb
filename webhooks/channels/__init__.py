"""How messages of distributions reach people, one class for each kind of channel.

A channel is one documented class, ``Channel``. ``DISTRIBUTION_CHANNELS`` in the
settings names the class of each kind by its dotted path, so that an installation may
bring its own: subclass, override what differs, name it there.

The life of a message, and which method has its turn when:

1. A marketer saves a distribution: ``check`` judges the content that was designed.
2. A message is due: ``address_of`` says where the customer is reached. Without an
   address, or with the consent of ``consent`` withdrawn, it is skipped and counted.
3. ``render`` fills the content with what happened, for one customer in one language.
4. ``send`` hands messages on and says of each what came of it. It runs outside of any
   transaction and may call the world. What has FAILED is tried again as webhooks are;
   what was REFUSED is not.

Nothing here is told to anybody by the methods themselves, and none may write to the
database but ``send`` of a channel that passes messages on within it.

Source: campaigns specification, "Distributions".
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.utils.module_loading import import_string

Json = dict[str, Any]


class ContentRefused(Exception):
    """A content that cannot be sent; ``path`` is where in it, ``problem`` what.

    The problem completes the sentence "Property .channels[0].content<path> …", as in
    ``ContentRefused(".subject", "must NOT have fewer than 1 characters")``.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path} {problem}")
        self.path = path
        self.problem = problem


class Result(Enum):
    """What came of handing one message on."""

    #: The next one in line has it, and is the one to answer for it from now on.
    SENT = "SENT"
    #: It is on its way within the installation; somebody tells later what came of it.
    PASSED_ON = "PASSED_ON"
    #: Not this time. It is tried again, as often and as late as a webhook is.
    FAILED = "FAILED"
    #: Never: the address or the message itself is not taken. It is not tried again.
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one message; ``reason`` says why it was not sent, in plain words.

    ``reason`` is shown to marketers: no codes of voucher, no personal data, no keys.
    """

    result: Result
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a message is for, as the customer's profile is when it is sent.

    ``language`` is what the profile says (``metadata.language``, else
    ``metadata.locale``), lower case as ``de`` or ``de-at``; empty where it says none.
    Texts are empty where nothing is known. ``profile`` is the whole customer as the API
    shows one.
    """

    id: str
    project_id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    profile: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file inside a message; the HTML shows an image by ``cid:<content_id>``."""

    name: str
    content: bytes
    media_type: str
    content_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, ready to go.

    ``id`` is the same in every attempt: adapters pass it on, so that whoever gets a
    message twice can tell. ``to`` is the address, in the form that ``address_of`` gave.
    These, ``project_id`` and ``distribution_id`` are set for the channel. It fills what
    it has: an e-mail ``subject``, ``text`` and ``html``, a text message ``text``, a
    webhook ``body``, which is JSON. ``language`` is the one that was taken.
    """

    id: str = ""
    project_id: str = ""
    to: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    body: Any = None
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    distribution_id: str = ""

    def as_kept(self) -> Json:
        """Return what is kept of it, to show later what somebody got; no files."""
        shown = {
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "body": self.body,
            "language": self.language,
        }
        return {name: value for name, value in shown.items() if value not in ("", None)}


class Channel:
    """One kind of channel. Subclasses override everything that raises here.

    Instances hold no state: one serves all projects and threads of a process.
    """

    #: The name in the API and the setting, such as ``EMAIL``.
    kind: ClassVar[str] = ""
    #: The category of consents (``EMAIL``, ``SMS``) that lets people say no to it;
    #: empty where people are not reached themselves.
    consent: ClassVar[str] = ""
    #: What a customer has to have for it, for the reason of a skipped message:
    #: ``no_email``, ``no_phone``.
    missing_address: ClassVar[str] = "no_address"

    def check(self, content: Mapping[str, Any], known: Collection[str] = ()) -> Json:
        """Return ``content`` in the form in which it is kept.

        ``known`` are the first keys that placeholders will have values for; without
        any, every key is taken.

        Raises:
            ContentRefused: it cannot be sent, naming the path within the content.
        """
        raise NotImplementedError

    def address_of(self, customer: Recipient, content: Mapping[str, Any]) -> str:
        """Return where to reach the customer; empty where that is not known."""
        raise NotImplementedError

    def render(
        self, content: Mapping[str, Any], context: Mapping[str, Any], language: str
    ) -> Message:
        """Return the message that ``content`` comes to, for nobody in particular yet.

        ``context`` is the ``data`` of the event with what the distribution adds:
        ``customer``, and by its action ``campaign``, ``promotion_tier``, ``voucher``
        and ``publication``; the whole is JSON. Its ``project`` is how the project
        counts, ``currency`` and ``timezone``, and no part of what happened.
        Placeholders that nothing stands behind are empty, never an error: what can go
        wrong is for ``check``. ``language`` is the customer's, possibly empty or one
        that the content does not have.
        """
        raise NotImplementedError

    def send(self, messages: Sequence[Message], *, now: datetime) -> list[Outcome]:
        """Hand messages on; return what came of each, in their order.

        One call has messages of several projects and distributions. Nothing is raised
        for what may go wrong with one of them.
        """
        raise NotImplementedError


@cache
def channel_of(kind: str) -> Channel:
    """Return the channel that ``DISTRIBUTION_CHANNELS`` names for ``kind``.

    Raises:
        KeyError: it names none.
    """
    found: type[Channel] = import_string(settings.DISTRIBUTION_CHANNELS[kind])
    return found()


def channel_kinds() -> tuple[str, ...]:
    """Return the kinds of channels that this installation has."""
    return tuple(settings.DISTRIBUTION_CHANNELS)
