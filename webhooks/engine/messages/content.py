"""What e-mails and text messages of a distribution say, language by language.

A content holds ``languages``, the words by language, and ``default_language``. The
words of an e-mail are ``subject`` and ``html`` or ``text`` or both, those of a text
message ``text``. Words in one language alone may stand in the content itself.

Source: campaign specification, "Distributions".
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from webhooks.engine.messages.languages import is_language, language_for
from webhooks.engine.messages.placeholders import (
    UNSENDABLE,
    BrokenTemplate,
    Template,
    read_template,
)
from webhooks.engine.messages.plain import as_html, as_plain
from webhooks.engine.messages.text import fill, fill_html, fill_line
from webhooks.engine.messages.values import Voice

Json = dict[str, Any]
#: What there is besides the data: where people say what they want to hear, and a code
#: as a picture.
PREFERENCES, QR = "preferences", "qr"
OWN_NAMES = frozenset((PREFERENCES, QR))
MOST_LANGUAGES = 40
#: In which language words are that do not say so.
USUAL_LANGUAGE = "en"
_LANGUAGES, _DEFAULT = "languages", "default_language"
_LONGEST = {"subject": 250, "html": 200_000, "text": 50_000}
_LONGEST_SMS = 1_000
_EMAIL = frozenset(_LONGEST)
_SMS = frozenset(("text",))
_A_LANGUAGE = "must be a language such as en or de-AT"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a content; ``path`` is inside it, ``.en.subject``."""

    path: str
    words: str


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail filled in; it says whether it shows the code's picture and the link."""

    language: str
    subject: str
    html: str
    text: str
    has_qr: bool = False
    has_preferences: bool = False


def email_problems(content: Any, known: Collection[str] = ()) -> list[Problem]:
    """Return what is wrong with the content of an e-mail.

    ``known`` are the first keys that there will be values for; without any, every key
    is taken.
    """
    return [*_problems(content, _Kind(_EMAIL, _LONGEST, known))]


def sms_problems(content: Any, known: Collection[str] = ()) -> list[Problem]:
    """Return what is wrong with the content of a text message."""
    return [*_problems(content, _Kind(_SMS, {"text": _LONGEST_SMS}, known))]


def in_full(content: Mapping[str, Any]) -> Json:
    """Return a content without problems in the form in which it is kept.

    Languages stand by their codes, and each has only the words that were written.
    """
    default = content.get(_DEFAULT) or USUAL_LANGUAGE
    languages = content.get(_LANGUAGES)
    if languages is None:
        words = {name: text for name, text in content.items() if name != _DEFAULT}
        languages = {default: words}
    kept = {
        code: {name: text for name, text in sorted(languages[code].items()) if text}
        for code in sorted(languages)
    }
    return {
        _DEFAULT: default if default in kept else next(iter(kept)),
        _LANGUAGES: kept,
    }


def email_for(
    content: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    wanted: Collection[str],
    voice: Voice,
    qr_markup: str = "",
) -> Email:
    """Return the e-mail in the language that suits ``wanted`` best.

    What was written in one form only is made into the other; ``qr_markup`` is the HTML
    that stands for the picture of the code.
    """
    language, words = _chosen(content, wanted)
    said = replace(voice, language=language)
    html = read_template(words.get("html") or "")
    text = read_template(words.get("text") or "")
    shown = fill_html(html, data, said, {QR: qr_markup}) if html.parts else ""
    plain = fill(text, data, said) if text.parts else as_plain(shown)
    return Email(
        language=language,
        subject=fill_line(read_template(words["subject"]), data, said),
        html=shown or as_html(plain),
        text=plain,
        has_qr=bool(qr_markup) and _names(html, QR),
        has_preferences=_names(html, PREFERENCES) or _names(text, PREFERENCES),
    )


def sms_for(
    content: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    wanted: Collection[str],
    voice: Voice,
) -> tuple[str, str]:
    """Return the language that suits ``wanted`` best, and the message in it."""
    language, words = _chosen(content, wanted)
    template = read_template(words["text"])
    return language, fill(template, data, replace(voice, language=language)).strip()


def _chosen(
    content: Mapping[str, Any], wanted: Collection[str]
) -> tuple[str, Mapping[str, str]]:
    kept = in_full(content)
    default, languages = kept[_DEFAULT], kept[_LANGUAGES]
    language = language_for([default, *languages], wanted)
    return language, languages[language]


def _names(template: Template, root: str) -> bool:
    return any(each.root == root for each in template.placeholders)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the words of a kind of message may be, and what they may name."""

    names: Collection[str]
    longest: Mapping[str, int]
    known: Collection[str]


def _problems(content: Any, kind: _Kind) -> Iterator[Problem]:
    if not isinstance(content, Mapping):
        yield Problem("", "must be object")
        return
    default = content.get(_DEFAULT)
    if default is not None and not (isinstance(default, str) and is_language(default)):
        yield Problem(f".{_DEFAULT}", _A_LANGUAGE)
        return
    languages = content.get(_LANGUAGES)
    if languages is None:
        words = {name: text for name, text in content.items() if name != _DEFAULT}
        yield from _word_problems(words, "", kind)
        return
    yield from _unknown_names(content, "", (_DEFAULT, _LANGUAGES))
    yield from _language_problems(languages, default, kind)


def _language_problems(
    languages: Any, default: str | None, kind: _Kind
) -> Iterator[Problem]:
    where = f".{_LANGUAGES}"
    if not isinstance(languages, Mapping) or not languages:
        yield Problem(where, "must hold what is said in at least one language")
        return
    if len(languages) > MOST_LANGUAGES:
        yield Problem(where, f"must hold at most {MOST_LANGUAGES} languages")
        return
    if default is not None and default not in languages:
        yield Problem(f".{_DEFAULT}", "must be one of the languages")
    for language, words in languages.items():
        path = f"{where}.{language}"
        if not is_language(str(language)):
            yield Problem(path, _A_LANGUAGE)
        elif not isinstance(words, Mapping):
            yield Problem(path, "must be object")
        else:
            yield from _word_problems(words, path, kind)


def _word_problems(
    words: Mapping[str, Any], path: str, kind: _Kind
) -> Iterator[Problem]:
    yield from _unknown_names(words, path, sorted(kind.names))
    texts = {name: _or_empty(words.get(name)) for name in sorted(kind.names)}
    for name, text in texts.items():
        where = f"{path}.{name}"
        yield from _text_problems(text, where, kind.longest[name], kind.known)
    if "subject" in texts and not _says_something(texts["subject"]):
        yield Problem(f"{path}.subject", "must not be empty")
    bodies = [text for name, text in texts.items() if name != "subject"]
    if not any(map(_says_something, bodies)):
        yield Problem(f"{path}.text", "must not be empty")


def _unknown_names(
    given: Mapping[str, Any], path: str, names: Sequence[str]
) -> Iterator[Problem]:
    for name in given:
        if name not in names:
            yield Problem(f"{path}.{name}", f"must be one of {', '.join(names)}")


def _text_problems(
    text: Any, path: str, longest: int, known: Collection[str]
) -> Iterator[Problem]:
    if not isinstance(text, str):
        yield Problem(path, "must be string")
        return
    if len(text) > longest:
        yield Problem(path, f"must be at most {longest:,} characters long")
    if UNSENDABLE.search(text):
        yield Problem(path, "must not hold characters that no text can have")
    try:
        read_template(text, {*known, *OWN_NAMES} if known else ())
    except BrokenTemplate as broken:
        yield Problem(path, str(broken))


def _says_something(text: Any) -> bool:
    return not isinstance(text, str) or bool(text.strip())


def _or_empty(text: Any) -> Any:
    return "" if text is None else text
