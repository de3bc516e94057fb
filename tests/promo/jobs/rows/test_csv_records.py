"""Reading a file that nobody checked."""

from io import BufferedReader, BytesIO

import pytest

from promo.jobs.rows import csv_records as reading
from promo.jobs.rows.csv_records import (
    BAD_QUOTES,
    NOT_UTF8,
    TOO_LONG,
    WITH_NUL,
    csv_records,
)


def read(raw: bytes, offset: int = 0):
    def opened_at(at: int) -> BufferedReader:
        stream = BytesIO(raw)
        stream.seek(at)
        return BufferedReader(stream)

    return list(csv_records(opened_at, offset))


def told(raw: bytes):
    return [one.problem or one.cells for one in read(raw)]


def test_records_say_where_the_next_one_begins():
    raw = b'a,b\r\n1,"x\ny"\n\n2,z'

    records = read(raw)

    assert [one.cells for one in records] == [["a", "b"], ["1", "x\ny"], ["2", "z"]]
    assert [one.end for one in records] == [5, 13, len(raw)]
    assert [one.cells for one in read(raw, records[1].end)] == [["2", "z"]]


def test_a_byte_order_mark_is_no_part_of_the_header():
    assert told(b"\xef\xbb\xbfname\nAda") == [["name"], ["Ada"]]


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (b"\xff\xfe,1", NOT_UTF8),
        (b"a\0b,1", WITH_NUL),
        (b'"a"b,1', BAD_QUOTES),
        (b"x" * 300 + b",1", TOO_LONG),
    ],
)
def test_a_broken_record_keeps_no_other_out(monkeypatch, broken, problem):
    monkeypatch.setattr(reading, "MOST_BYTES", 200)

    assert told(b"h,i\n" + broken + b"\n2,b\n") == [["h", "i"], problem, ["2", "b"]]


def test_a_quote_left_open_swallows_its_own_line_alone(monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", 200)
    lines = b"".join(b"%d,row\n" % number for number in range(60))

    found = told(b'h,i\n"open,1\n' + lines)

    assert found[:3] == [["h", "i"], TOO_LONG, ["0", "row"]]
    assert len(found) == 62


def test_a_quote_left_open_at_the_end_is_told():
    assert told(b'h,i\n1,a\n"open,1\n2,b') == [
        ["h", "i"],
        ["1", "a"],
        BAD_QUOTES,
        ["2", "b"],
    ]


def test_an_empty_file_has_no_records():
    assert told(b"") == []
    assert told(b"\n\n") == []
