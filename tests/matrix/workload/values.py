"""Values: numbers, text, dates, patterns, modules, typing, and the C modules' objects."""
import _thread
import ast
import calendar
import codecs
import csv
import datetime
import decimal
import difflib
import fractions
import hashlib
import importlib.util
import inspect
import io
import ipaddress
import json
import logging
import os
import pathlib
import pickle
import random
import re
import select
import selectors
import socket
import string
import struct
import sys
import threading
import time
import traceback
import types
import typing
import unicodedata
import uuid
import zlib


def numbers():
    return [1.5, float('nan'), float('inf'), 2j, 0, 1, -5, 257, 10 ** 9, -(10 ** 10), 10 ** 100, 1 << 30,
            -(1 << 60), True, False, None, Ellipsis, NotImplemented, fractions.Fraction(1, 3),
            sys.float_info, sys.int_info, sys.hash_info]


def decimals():
    context = decimal.Context(prec=50, traps=[decimal.InvalidOperation])
    with decimal.localcontext(context) as local:
        total = decimal.Decimal(1) / 7
    return [decimal.Decimal('1.23'), decimal.Decimal(10) ** 500, decimal.Decimal('NaN'), total, context,
            local, context.flags, context.traps, decimal.getcontext(), decimal.localcontext(context)]


def text():
    interned = [sys.intern('made %s' % ''.join(('up', str(i)))) for i in range(20)]
    encoded = 'h\xe9llo \u65e5'
    hash(encoded)
    encoded.encode()
    return ['', 'a', '\xe9', '\u65e5\u672c', '\U0001f600' * 3, 'x' * 1000, '\xe9' * 1000, str(10 ** 50),
            '\ud800', 'with\nnewline\0', encoded, interned, string.Template('$a'), string.Formatter()]


def dates():
    hour = datetime.timezone(datetime.timedelta(hours=1), 'X')

    class Zone(datetime.tzinfo):
        def utcoffset(self, moment):
            return datetime.timedelta(minutes=self.minutes)

    zone = Zone()
    zone.minutes = 30
    found = [datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc), datetime.timedelta(1), hour,
             datetime.timezone(datetime.timedelta(hours=2)), datetime.date(2000, 1, 1),
             datetime.time(1, 2), datetime.time(1, 2, tzinfo=hour), datetime.datetime(2020, 1, 1),
             datetime.datetime(2020, 1, 1, tzinfo=zone), zone, datetime.datetime.now(hour),
             calendar.Calendar(), time.localtime(), datetime.date(2020, 1, 1).isocalendar()]
    try:
        import zoneinfo
        found += [zoneinfo.ZoneInfo('Europe/Berlin'), zoneinfo.ZoneInfo.no_cache('UTC')]
    except Exception:  # no such module before 3.9, no time zones in a small system
        pass
    return found


def patterns():
    pattern = re.compile('(?P<first>a)(b)?c')
    scanner = pattern.scanner('abcabc')
    scanner.match()
    return [pattern, pattern.match('abc'), re.match('a', 'a'), re.compile(b'x'), scanner,
            pattern.finditer('abc abc'), re.compile('[a-z]+', re.I), re.search('(b)(x)?', 'ab').groupdict()]


def files():
    raw = open(__file__, 'rb', buffering=0)
    reader, text_file = open(__file__, 'rb'), open(__file__)
    reader.read(10), text_file.readline()
    read, write = os.pipe()
    pair = io.BufferedRWPair(open(read, 'rb', buffering=0), open(write, 'wb', buffering=0))
    exported = io.BytesIO(b'exported' * 10)
    written = io.StringIO()
    for i in range(50):
        written.write('text %d' % i)
    return [raw, reader, text_file, pair, io.BufferedRandom(io.BytesIO(b'abc')), exported,
            exported.getbuffer(), io.BytesIO(), written, io.StringIO('abc\n', newline=None),
            io.TextIOWrapper(io.BytesIO(b'wrapped'), errors='replace'), io.IncrementalNewlineDecoder(
                codecs.getincrementaldecoder('utf-8')(), True), iter(text_file), os.scandir('/'),
            os.stat('/'), io.BufferedWriter(io.BytesIO()), csv.reader(['a,b']), csv.writer(written)]


def modules():
    by_hand = types.ModuleType('by_hand', 'documentation')
    by_hand.attribute = [1]
    bare = types.ModuleType.__new__(types.ModuleType)
    spec = importlib.util.find_spec('this')
    fresh = importlib.util.module_from_spec(importlib.util.find_spec('colorsys'))
    fresh.__spec__.loader.exec_module(fresh)
    return [by_hand, bare, spec, fresh, spec.loader]


def typed():
    variable = typing.TypeVar('variable', bound=list)
    found = [typing.List[int], typing.Dict[str, typing.Optional[list]], typing.Callable[[int], str], variable,
             typing.Union[int, str], typing.NewType('New', int), typing.Generic[variable], typing.Any,
             typing.Literal['a', 1], typing.TypedDict('Movie', {'name': str}), typing.ForwardRef('Later')]
    if sys.version_info >= (3, 9):
        found += [list[int], dict[str, list], tuple[variable, ...], list[variable][int], type[int]]
    if sys.version_info >= (3, 10):
        parameters = typing.ParamSpec('parameters')
        found += [int | str, int | None, list[int] | variable, parameters, parameters.args,
                  typing.Concatenate[int, parameters]]
    if sys.version_info >= (3, 11):
        packed = typing.TypeVarTuple('packed')
        found += [packed, tuple[typing.Unpack[packed]], (*list[int],)]
    if sys.version_info >= (3, 12):
        found.append(by_syntax('type Alias[T: int, *Ts, **P] = dict[T, tuple[*Ts]]\nAlias.__value__\n'
                               'class Generic[T]:\n    def method[U](self, u: U) -> T: ...\n'
                               'def function[T: (int, str)](value: T) -> T: return value\n'
                               'used = Generic[int], Alias[int], function\n'
                               'type Lazy = missing\n'))
    if sys.version_info >= (3, 14):
        found.append(by_syntax('name = [1]\ntemplate = t"a {name!r:>{name}} b"\n'
                               'parts = list(template), iter(template)\n'
                               'def later(value: missing) -> list[missing]: ...\n'
                               'annotate = later.__annotate__\n'))
    return found


def by_syntax(source):
    names = {'__name__': 'by_syntax'}
    exec(source, names)
    return names


def locks():
    held, again, condition = _thread.allocate_lock(), threading.RLock(), threading.Condition()
    held.acquire(), again.acquire(), again.acquire()
    local = threading.local()
    local.value = [1]
    timer = threading.Timer(1000, print, [[1]])
    return [held, again, condition, local, timer, threading.Event(), threading.Semaphore(3),
            threading.BoundedSemaphore(), threading.Barrier(2), threading.Thread(target=print, args=([1],))]


def tools():
    logger = logging.getLogger('matrix')
    logger.addHandler(logging.StreamHandler(io.StringIO()))
    pickler = pickle.Pickler(io.BytesIO())
    pickler.dump([[1], [2]])
    unpickler = pickle.Unpickler(io.BytesIO(pickle.dumps({'a': [1]})))
    unpickler.load()
    decoder, encoder = json.JSONDecoder(object_hook=dict), json.JSONEncoder(default=list)
    return [logger, logging.LogRecord('n', 1, 'p', 1, 'm', ([1],), None), pickler, pickler.memo, unpickler,
            unpickler.memo, decoder, encoder, json.scanner.c_make_scanner(decoder), c_encoder(encoder),
            ast.parse('def f(a=1): return [a, b"c"]'), inspect.signature(by_syntax), random.Random(3),
            hashlib.sha256(b'abc'), hashlib.md5(), zlib.compressobj(), zlib.decompressobj(),
            struct.Struct('<ii'), struct.iter_unpack('<i', b'12345678'), uuid.UUID(int=1),
            ipaddress.ip_network('10.0.0.0/8'), pathlib.Path('/a/b').parent, unicodedata.ucd_3_2_0,
            difflib.SequenceMatcher(None, 'abc', 'abd'), codecs.getincrementalencoder('utf-16')(),
            traceback.TracebackException(ValueError, ValueError('x'), None)]


def c_encoder(encoder):
    return json.encoder.c_make_encoder({}, list, json.encoder.encode_basestring_ascii, None, ':', ',',
                                       True, False, True)


def system():
    left, right = socket.socketpair()
    selector = selectors.DefaultSelector()
    selector.register(left, selectors.EVENT_READ, data=[1])
    poll = select.poll()
    poll.register(right, select.POLLIN)
    return [left, right, selector, poll, select.epoll(), sys.flags, sys.version_info, os.environ.copy(),
            os.times(), sys.implementation]


def optional(*names):
    """Compressors and parsers that a small system may lack."""
    found = []
    for name in names:
        try:
            found.append(importlib.import_module(name))
        except ImportError:
            continue
    made = {'bz2': lambda m: m.BZ2Compressor(), 'lzma': lambda m: m.LZMADecompressor(),
            'pyexpat': lambda m: m.ParserCreate(), 'ssl': lambda m: m.SSLContext(m.PROTOCOL_TLS_CLIENT)}
    return [made[module.__name__](module) for module in found]


def build():
    return [make() for make in (numbers, decimals, text, dates, patterns, files, modules, typed, locks,
                                tools, system)] + [optional('bz2', 'lzma', 'pyexpat', 'ssl')]
