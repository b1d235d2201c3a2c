"""Makes log files whose frames are sound and whose contents are anything: what a broker's files
hardly ever hold. Formats: sim/wire/record_batch.h, record.h, legacy_record.h."""

import gzip
import json
import random
import struct
import zlib
from pathlib import Path

VECTORS = Path(__file__).resolve().parent.parent / "data" / "wire"


def crc32c_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


TABLE = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def varint(value):
    value = value << 1 if value >= 0 else (-value << 1) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def nullable(data):
    return varint(-1) if data is None else varint(len(data)) + data


def record(delta, key, value, headers=()):
    body = b"\0" + varint(delta * 3) + varint(delta) + nullable(key) + nullable(value)
    body += varint(len(headers))
    for name, content in headers:
        body += varint(len(name)) + name + nullable(content)
    return varint(len(body)) + body


def batch(base, records, attributes=0, count=None, producer=(-1, -1, -1), horizon=None):
    """records: (key, value) or (key, value, headers)."""
    body = b"".join(record(i, *r) for i, r in enumerate(records))
    if attributes & 7 == 1:
        body = gzip.compress(body)
    count = len(records) if count is None else count
    time = 1700000000000 if horizon is None else horizon
    tail = struct.pack(">hiqqqhii", attributes, len(records) - 1, time, time + 3 * len(records),
                       producer[0], producer[1], producer[2], count) + body
    return (struct.pack(">qiibI", base, len(tail) + 9, 5, 2, crc32c(tail)) + tail)


def legacy_record(magic, attributes, key, value):
    def sized(data):
        return struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data
    body = struct.pack(">bb", magic, attributes)
    body += struct.pack(">q", 1600000000000) if magic else b""
    body += sized(key) + sized(value)
    return struct.pack(">I", zlib.crc32(body)) + body


def legacy_set(base, magic, pairs, attributes=0):
    """A set of records; with a codec, as the value of a wrapper."""
    out = b""
    inner = attributes & 7 != 0
    for i, (key, value) in enumerate(pairs):
        data = legacy_record(magic, attributes & 8 if not inner else 0, key, value)
        offset = i if inner and magic else base + i
        out += struct.pack(">qi", offset, len(data)) + data
    if not inner:
        return out
    wrapper = legacy_record(magic, attributes, None, gzip.compress(out))
    return struct.pack(">qi", base + len(pairs) - 1, len(wrapper)) + wrapper


def vectors(name):
    return [json.loads(line) for line in (VECTORS / name).read_text().splitlines()]


def text(rng):
    """Bytes that are nearly UTF-8."""
    pieces = [b"abc", b"\x00\x1f\x7f\"\\\n\t\b\f\r", "é".encode(), "\u2028€".encode(),
              "\U0001f600".encode(), b"\xed\xa0\x80", b"\xe0\x80\x80", b"\xf0\x9f\x98", b"\xc0\xaf",
              b"\xe2\x82", b"\xf5\x80\x80\x80", b"\xf4\x90\x80\x80", b"\xff\xfe", b"\x80",
              bytes(rng.randrange(256) for _ in range(rng.randint(1, 12)))]
    return b"".join(rng.choice(pieces) for _ in range(rng.randint(0, 5)))


def changed(data, rng):
    """The bytes, often damaged."""
    data = bytearray(data)
    kind = rng.randrange(6)
    if not data or kind <= 1:
        return bytes(data)
    at = rng.randrange(len(data))
    if kind == 2:
        del data[at:]
    elif kind == 3:
        data[at] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
    elif kind == 4:
        data[0:2] = struct.pack(">h", rng.choice([-1, 0, 1, 2, 3, 4, 5, 8, 9, 15, 1000]))
    else:
        data += text(rng)
    return bytes(data)


def offsets_records(rng):
    lines = vectors("offsets-records.jsonl")
    keys = [v for v in lines if v["type"].endswith("Key") and v["type"] != "TransactionLogKey"]
    records = []
    for _ in range(rng.randint(1, 8)):
        key = rng.choice(keys)
        kind = key["type"][:-3] + "Value"
        value = rng.choice([v for v in lines if v["type"] == kind])
        if kind == "GroupMetadataValue" and rng.random() < 0.7:
            payload = consumer_group(lines, rng)
        else:
            payload = bytes.fromhex(value["bytes"])
        payload = None if rng.random() < 0.1 else changed(payload, rng)
        records.append((changed(bytes.fromhex(key["bytes"]), rng), payload))
    return records


def consumer_group(lines, rng):
    """A GroupMetadataValue of version 3 whose members speak the consumer protocol."""
    def string(data):
        return struct.pack(">h", len(data)) + data

    def protocol(kind):
        choices = [bytes.fromhex(v["bytes"]) for v in lines if v["type"] == kind]
        data = changed(rng.choice(choices), rng)
        return struct.pack(">i", len(data)) + data
    out = struct.pack(">h", 3) + string(rng.choice([b"consumer", b"consumer", b"connect"]))
    out += struct.pack(">i", 7) + string(text(rng)) + struct.pack(">h", -1)
    out += struct.pack(">q", 1700000000000)
    members = rng.randint(0, 3)
    out += struct.pack(">i", members)
    for _ in range(members):
        out += string(b"m-1") + struct.pack(">h", -1) + string(text(rng)) + string(b"/127.0.0.1")
        out += struct.pack(">ii", 60000, 45000)
        out += protocol("ConsumerProtocolSubscription") + protocol("ConsumerProtocolAssignment")
    return out


def transaction_records(rng):
    records = []
    for _ in range(rng.randint(1, 5)):
        name = text(rng)
        key = struct.pack(">hh", rng.choice([0] * 20 + [1]), len(name)) + name
        state = rng.choice([0, 1, 1, 1, 2, 3, 4, 5, 6, 7])
        value = struct.pack(">hqhib", 0, 4000, 3, 60000, state)
        topics = rng.randint(0, 5)
        value += struct.pack(">i", topics)
        for _ in range(topics):
            topic = rng.choice([b"orders", b"a-longer.topic_name", b"t", text(rng)])
            partitions = [rng.randrange(rng.choice([5, 60, 3000]))
                          for _ in range(rng.choice([1, 2, 4, 5, 7, 12, 40, 200]))]
            value += struct.pack(">h", len(topic)) + topic
            value += struct.pack(f">i{len(partitions)}i", len(partitions), *partitions)
        value += struct.pack(">qq", 1700000000001, -1)
        damaged = rng.random() < 0.1
        records.append((key, None if rng.random() < 0.1 else
                        changed(value, rng) if damaged else value))
    return records


def metadata_records(rng):
    lines = [v for v in vectors("metadata-records.jsonl") if v["kind"] == "metadata"]
    records = []
    for _ in range(rng.randint(1, 8)):
        data = bytearray(bytes.fromhex(rng.choice(lines)["bytes"]))
        if rng.random() < 0.3:
            data[rng.randrange(3)] = rng.choice([0, 1, 2, 5, 9, 26, 27, 28, 50, 0x7F, 0x80, 0xFF])
        value = None if rng.random() < 0.05 else changed(bytes(data), rng)
        records.append((None if rng.random() < 0.7 else b"k", value))
    return records


def control_records(rng):
    lines = [v for v in vectors("metadata-records.jsonl") if v["kind"] == "control"]
    chosen = rng.choice(lines)
    key, value = bytes.fromhex(chosen["key"]), bytes.fromhex(chosen["value"])
    if rng.random() < 0.4:
        key = struct.pack(">hh", rng.choice([0, 0, 0, 1, -1]), rng.randrange(-2, 9))
    if rng.random() < 0.3:
        value = changed(value, rng)
    return [(rng.choice([key] * 20 + [None, key[:3]]), rng.choice([value] * 20 + [None]))]


def plain_records(rng):
    def some():
        return None if rng.random() < 0.2 else text(rng)
    return [(some(), some(), [(text(rng), some()) for _ in range(rng.choice([0, 0, 1, 3]))])
            for _ in range(rng.randint(0, 6))]


CONTENTS = {
    "--offsets-decoder": offsets_records,
    "--transaction-log-decoder": transaction_records,
    "--cluster-metadata-decoder": metadata_records,
    "--print-data-log": plain_records,
}


def made_log(rng):
    """The bytes of a .log file, and the option that shows what is in it."""
    option = rng.choice(sorted(CONTENTS))
    log, base = b"", rng.choice([0, 0, 7, 2**31])
    for _ in range(rng.randint(1, 4)):
        records = CONTENTS[option](rng)
        kind = rng.random()
        if kind < 0.1:
            log += batch(base, control_records(rng), attributes=rng.choice([0x20, 0x30]),
                         producer=(1, 0, -1))
        elif kind < 0.25:
            pairs = [(r[0], r[1]) for r in records] or [(b"k", b"v")]
            attributes = rng.choice([0, 8, 1, 9, 1, 4, 5])
            magic = rng.randrange(2)
            if attributes & 7 > 1:
                log += struct.pack(">qi", base, 0)[:8]
                data = legacy_record(magic, attributes, None, text(rng))
                log += struct.pack(">i", len(data)) + data
            else:
                log += legacy_set(base, magic, pairs, attributes)
        else:
            producer = rng.choice([(-1, -1, -1), (4000, 2, 0), (1, 0, 2**31 - 3), (5, -3, -7)])
            log += batch(base, records, rng.choice([0, 0, 0, 8, 1, 0x10, 0x40, 0x7FC0 - 2**15]),
                         rng.choice([None] * 12 + [0, -1, 1, 50]), producer)
        base += len(records) + rng.choice([0, 0, 0, 5])
    return log, option
