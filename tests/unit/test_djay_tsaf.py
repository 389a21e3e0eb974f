"""TSAF: every tag as the table says, every error with its byte, and nothing that hostile bytes could do."""

import json
import math
import pickle
import struct
import time
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crateline.clients.djay import plain
from crateline.clients.djay.tsaf import DEPTH, TsafError, decode
from crateline.clients.djay.values import Date, Entity, Url
from crateline.errors import CratelineError
from crateline.sandbox.djay.encoding import Again, Collection, Number, encode

COLLECTIONS = (0x0A, 0x0B, 0x0C, 0x19, 0x1A, 0x1B)


def blob(body, *, objects=0, strings=0):
    """A blob with a body written by hand; it begins at byte 20."""
    return struct.pack("<4sHHQI", b"TSAF", 3, 3, objects, strings) + bytes(body)


def hexed(text):
    return bytes.fromhex(text)


BY_HAND = [
    ("08 string", "08 68c3a9 00", 0, 1, "hé"),
    ("08 empty string", "08 00", 0, 1, ""),
    *[(f"{tag:02x} collection", f"{tag:02x} 000000 02000000 2d 2e", 1, 0, [1, 0]) for tag in COLLECTIONS],
    ("0b without anything in it", "0b 000000 00000000", 1, 0, []),
    ("05 string again", "0b 000000 02000000 08 61 00 05 00", 1, 1, ["a", "a"]),
    ("02 object again", "0b 000000 02000000 0c 0000 00 01000000 2d 02 01", 2, 0, [[1], [1]]),
    ("0d true", "0d", 0, 0, True),
    ("0e false", "0e", 0, 0, False),
    ("0f u8", "0f ff", 0, 0, 255),
    ("10 u16", "10 00 ff01", 0, 0, 511),
    ("11 u32", "11 000000 fffffffe", 0, 0, 0xFEFFFFFF),
    ("12 u64", "12 000000 ffffffffffffffff", 0, 0, 2**64 - 1),
    ("13 f32", "13 000000 0000f442", 0, 0, 122.0),
    ("14 f64", "14 000000 000000000000f03f", 0, 0, 1.0),
    ("15 data", "15 000000 05000000 0102030405 000000", 1, 0, b"\x01\x02\x03\x04\x05"),
    ("15 data without padding", "15 000000 04000000 01020304", 1, 0, b"\x01\x02\x03\x04"),
    ("18 structure", "18 000000 01000000 2d 08 61 00", 1, 1, Entity("", (("a", 1),))),
    ("21 URL", "21 08 613a62 00 00", 0, 1, Url("a:b")),
    ("2b object", "2b 08 41 00 2d 08 61 00 00", 1, 2, Entity("A", (("a", 1),))),
    ("2b without fields", "2b 08 41 00 00", 1, 1, Entity("A", ())),
    ("2b a name twice", "2b 08 41 00 2d 08 61 00 2e 05 01 00", 1, 2, Entity("A", (("a", 1), ("a", 0)))),
    ("2b its class again", "0b 000000 02000000 2b 08 41 00 00 2b 05 00 00", 3, 1, [Entity("A", ())] * 2),
    ("21 of a string again", "0b 000000 02000000 08 61 00 21 05 00 00", 1, 1, ["a", Url("a")]),
    ("2d one", "2d", 0, 0, 1),
    ("2e zero", "2e", 0, 0, 0),
    ("30 date", "30 000000 0000000000000000", 1, 0, Date(0.0)),
]


@pytest.mark.parametrize(("body", "objects", "strings", "value"), [row[1:] for row in BY_HAND], ids=[row[0] for row in BY_HAND])
def test_every_tag_means_what_the_table_says(body, objects, strings, value):
    # When
    found = decode(blob(hexed(body), objects=objects, strings=strings))

    # I expect
    assert found == (value, objects, strings)
    assert type(found.value) is type(value)


@pytest.mark.parametrize("before", range(8))
def test_numbers_are_aligned_from_the_start_of_the_file(before):
    # Given a date after some values of one byte each
    gap = -(28 + before + 1) % 8
    body = hexed(f"0b 000000 {before + 1:02x}000000 {'2d' * before} 30 {'00' * gap} 000000000000f03f")

    # I expect
    assert decode(blob(body, objects=2)).value == [*[1] * before, Date(1.0)]


def test_objects_are_counted_from_their_beginning():
    # Given a collection of an object that holds data and a date, which is referred to by its number
    value = [Entity("A", (("data", b"\x01"), ("date", Date(5.0)))), Again(3), Again(2), Again(1)]

    # When
    found = decode(encode(value)).value

    # I expect
    assert found[1] == Date(5.0)
    assert found[2] == b"\x01"
    assert found[3] is found[0]


def test_a_date_is_an_instant_with_a_zone():
    assert Date(797499713.736).instant == datetime(2026, 4, 10, 7, 41, 53, 736000, tzinfo=UTC)


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf, 1e300, -1e12])
def test_a_date_that_no_calendar_has_is_no_instant(seconds):
    assert Date(seconds).instant is None


BROKEN = [
    ("nothing", b"", 0),
    ("another format", b"bplist00" + bytes(20), 0),
    ("half a header", b"TSAF\x03\x00\x03", 7),
    ("another version", struct.pack("<4sHHQI", b"TSAF", 4, 3, 0, 0) + b"\x2d", 4),
    ("no value", blob(b""), 20),
    ("an unknown tag", blob(b"\x06\x00"), 20),
    ("an unknown tag inside", blob(hexed("0b 000000 02000000 2d 99"), objects=1), 29),
    ("an end where a value is due", blob(b"\x00"), 20),
    ("a second value", blob(b"\x2d\x2d"), 21),
    ("too many objects counted", blob(b"\x2d", objects=1), 8),
    ("too few strings counted", blob(hexed("08 61 00")), 16),
    ("a string without an end", blob(hexed("08 61"), strings=1), 21),
    ("a string that is no utf-8", blob(hexed("08 61ff 00"), strings=1), 22),
    ("half a number", blob(hexed("11 000000 0102")), 26),
    ("a number without its zeros", blob(hexed("11 000100 01000000")), 21),
    ("data without its zeros", blob(hexed("15 000000 03000000 010203 01"), objects=1), 31),
    ("data that ends too early", blob(hexed("15 000000 09000000 010203"), objects=1), 24),
    ("data without the last zero", blob(hexed("15 000000 03000000 010203"), objects=1), 31),
    ("a collection without room", blob(hexed("0b 000000 ffffffff 2d"), objects=1), 24),
    ("a structure without room", blob(hexed("18 000000 02000000 2d 08 61 00"), objects=1, strings=1), 24),
    ("a string that is not there yet", blob(hexed("05 00")), 21),
    ("an object that is not there yet", blob(hexed("02 00")), 21),
    ("an object inside itself", blob(hexed("0b 000000 01000000 02 00"), objects=1), 29),
    ("a name that is a number", blob(hexed("2b 08 41 00 2d 2d 00"), objects=1, strings=1), 25),
    ("a class that is a number", blob(hexed("2b 2d 00"), objects=1), 21),
    ("an object without an end", blob(hexed("2b 08 41 00"), objects=1, strings=1), 24),
    ("a URL that is a number", blob(hexed("21 2d 00")), 21),
    ("a URL without an end", blob(hexed("21 08 61 00 2d"), strings=1), 24),
]


@pytest.mark.parametrize(("broken", "offset"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_is_no_tsaf_is_refused_with_the_byte(broken, offset):
    with pytest.raises(TsafError) as refused:
        decode(broken)
    assert refused.value.offset == offset
    assert str(refused.value).endswith(f"(byte {offset})")


def test_the_error_is_one_of_ours_and_survives_pickle():
    error = pickle.loads(pickle.dumps(TsafError("no value begins with 99", 29)))
    assert isinstance(error, CratelineError)
    assert (error.reason, error.offset) == ("no value begins with 99", 29)


KNOWN = {row[0]: hexed(row[1])[0] for row in BY_HAND}


@pytest.mark.parametrize("tag", sorted(set(range(256)) - set(KNOWN.values()) - {0x02, 0x05}))
def test_no_other_byte_is_a_tag(tag):
    with pytest.raises(TsafError, match=f"{tag:02x}"):
        decode(blob(bytes([tag]) + bytes(40)))


def test_values_are_nested_to_a_limit():
    # Given
    deep = value = []
    for _ in range(DEPTH - 1):
        deep.append([])
        deep = deep[0]

    # I expect
    assert json.dumps(plain.of(decode(encode(value)).value, size=1))
    with pytest.raises(TsafError, match="inside each other"):
        decode(encode([value]))
    with pytest.raises(TsafError, match="inside each other"):
        decode(blob(hexed("0b 000000 01000000") * 100_000, objects=100_000))


# Any value


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
numbers = st.one_of(
    st.builds(Number, st.just(0x0F), st.integers(0, 2**8 - 1)),
    st.builds(Number, st.just(0x10), st.integers(0, 2**16 - 1)),
    st.builds(Number, st.just(0x11), st.integers(0, 2**32 - 1)),
    st.builds(Number, st.just(0x12), st.integers(0, 2**64 - 1)),
    st.builds(Number, st.just(0x13), st.floats(width=32, allow_nan=False)),
    st.builds(Number, st.just(0x14), st.floats(allow_nan=False)),
)
leaves = st.one_of(
    texts,
    texts.map(Url),
    numbers,
    st.booleans(),
    st.integers(0, 2**64 - 1),
    st.binary(max_size=40),
    st.builds(Date, st.floats(allow_nan=False)),
)


def fields_of(values):
    return st.lists(st.tuples(texts, values), max_size=5).map(tuple)


values = st.recursive(
    leaves,
    lambda inside: st.one_of(
        st.builds(Collection, st.sampled_from(COLLECTIONS), st.lists(inside, max_size=6).map(tuple)),
        st.builds(Entity, texts.filter(bool), fields_of(inside)),
        st.builds(Entity, st.just(""), fields_of(inside)),
    ),
    max_leaves=25,
)


def read_back(value):
    """What a reader makes of a value: widths and kinds of collections are no part of it."""
    if isinstance(value, Number):
        return value.value
    if isinstance(value, Collection):
        return [read_back(item) for item in value.items]
    if isinstance(value, Entity):
        return Entity(value.kind, tuple((name, read_back(inner)) for name, inner in value.fields))
    return value


@given(values)
@settings(deadline=None)
def test_whatever_is_written_is_read(value):
    assert decode(encode(value)).value == read_back(value)


@given(values)
@settings(deadline=None)
def test_windows_writes_other_numbers_and_means_the_same(value):
    found = json.dumps(plain.of(decode(encode(value, doubles=True)).value, size=10_000))
    assert len(found) >= 1


@given(values, st.data())
@settings(deadline=None)
def test_a_blob_that_is_cut_short_is_refused(value, data):
    whole = encode(value)
    with pytest.raises(TsafError):
        decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


def expect_a_value_or_an_error(hostile):
    """Decode and print whatever it is: it is a value or a TsafError, and what is printed stays in proportion."""
    found = refused = None
    try:
        found = decode(hostile)
    except TsafError as error:
        refused = error
    if found is None:
        assert 0 <= refused.offset <= len(hostile)
        return
    shown = json.dumps(plain.of(found.value, size=len(hostile)), allow_nan=False)
    assert len(shown) < 6 * (plain.UNFOLDED * len(hostile) + plain.SPARE) + 1000


@given(values, st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=300, deadline=None)
def test_flipped_bytes_end_in_a_value_or_an_error(value, flips):
    hostile = bytearray(encode(value))
    for at, byte in flips:
        hostile[at % len(hostile)] = byte
    expect_a_value_or_an_error(bytes(hostile))


@given(values, values, st.integers(0), st.integers(0))
@settings(max_examples=200, deadline=None)
def test_spliced_blobs_end_in_a_value_or_an_error(one, other, first, second):
    first_blob, second_blob = encode(one), encode(other)
    expect_a_value_or_an_error(first_blob[: first % len(first_blob)] + second_blob[second % len(second_blob) :])


@given(st.binary(max_size=200))
@example(hexed("18 000000 00000000"))
@settings(deadline=None)
def test_any_bytes_after_a_header_end_in_a_value_or_an_error(body):
    expect_a_value_or_an_error(blob(body, objects=1, strings=1))


# What a small blob could grow into


def bomb(levels):
    """Each of `levels` collections holds the one before it twice."""
    body, objects = hexed(f"0b 000000 {levels:02x}000000"), 1
    numbers = []
    for level in range(levels):
        gap = bytes(-(20 + len(body) + 1) % 4)
        inner = bytes([0x02, numbers[-1], 0x02, numbers[-1]]) if numbers else b"\x2d\x2d"
        numbers.append(level + 1)
        body += b"\x0b" + gap + struct.pack("<I", 2) + inner
        objects += 1
    return blob(body, objects=objects)


def test_references_that_double_at_every_level_are_read_and_printed_in_proportion():
    # Given
    hostile = bomb(60)
    began = time.process_time()

    # When
    shown = json.dumps(plain.of(decode(hostile).value, size=len(hostile)))

    # I expect
    assert len(shown) < 8 * plain.SPARE
    assert '"omitted"' in shown
    assert time.process_time() - began < 30


def test_a_long_string_referred_to_a_thousand_times_is_printed_in_proportion():
    # Given
    hostile = encode(["x" * 200_000, *["x" * 200_000] * 5_000])
    assert len(hostile) < 250_000

    # When
    tracemalloc.start()
    shown = json.dumps(plain.of(decode(hostile).value, size=len(hostile)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    # I expect
    assert len(shown) < 20 * len(hostile) + plain.SPARE
    assert peak < 100 << 20


def test_a_collection_of_four_thousand_million_costs_nothing():
    tracemalloc.start()
    with pytest.raises(TsafError, match="no room"):
        decode(blob(hexed("0b 000000 ffffffff") + bytes(100)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20


# As JSON


def test_values_as_json():
    # Given
    value = [
        Entity("A", (("t", "a"), ("t", 1), ("u", Url("a:b")))),
        Entity("", (("d", b"\x00\xff"),)),
        Date(797499713.736),
        Date(math.nan),
        math.inf,
        2**64 - 1,
        True,
    ]

    # I expect
    assert plain.of(value, size=100) == [
        {"class": "A", "fields": {"t": {"repeated": ["a", 1]}, "u": {"url": "a:b"}}},
        {"fields": {"d": {"base64": "AP8=", "length": 2}}},
        "2026-04-10T07:41:53.736000Z",
        {"date": "nan"},
        {"float": "inf"},
        2**64 - 1,
        True,
    ]


def test_a_value_that_is_referred_to_twice_is_shown_twice():
    assert plain.of(decode(encode([["a"], Again(1)])).value, size=50) == [["a"], ["a"]]


def test_more_strings_than_a_reference_reaches_are_written_once_more():
    # Given
    many = [str(number) for number in range(300)]

    # I expect
    assert decode(encode([*many, *many])).value == [*many, *many]
