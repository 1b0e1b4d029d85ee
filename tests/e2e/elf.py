"""The little of ELF that the tests need: sections, build-ids, and what a core holds."""
import struct

MACHINE = 18  # file offset of e_machine
PT_LOAD, NT_GNU_BUILD_ID = 1, 3


def header(data):
    names = ('phoff', 'shoff', 'flags', 'ehsize', 'phentsize', 'phnum', 'shentsize', 'shnum',
             'shstrndx')
    return dict(zip(names, struct.unpack_from('<QQIHHHHHH', data, 32)))


def sections(path):
    """{name: (file offset, size)} of a file; {} if it is no ELF file."""
    with open(path, 'rb') as file:
        data = file.read()
    if data[:4] != b'\x7fELF':
        return {}
    head = header(data)
    rows = [struct.unpack_from('<IIQQQQ', data, head['shoff'] + i * head['shentsize'])
            for i in range(head['shnum'])]
    if not rows:
        return {}
    names = rows[head['shstrndx']][4]
    found = {}
    for row in rows:
        start = names + row[0]
        found[data[start:data.index(b'\0', start)].decode()] = row[4:6]
    return found


def build_id(path):
    """(hex text, file offset of its first byte), or None."""
    note = sections(path).get('.note.gnu.build-id')
    if not note:
        return None
    with open(path, 'rb') as file:
        file.seek(note[0])
        name_size, size, _ = struct.unpack('<III', file.read(12))
        start = note[0] + 12 + (name_size + 3) // 4 * 4
        file.seek(start)
        return file.read(size).hex(), start


def loaded_bytes(core):
    """Bytes of memory that a core holds: the sum of its PT_LOADs' p_filesz."""
    with open(core, 'rb') as file:
        head = header(file.read(64))
        count = head['phnum']
        if count == 0xffff:  # PN_XNUM: sh_info of section 0 has it
            file.seek(head['shoff'] + 44)
            count = struct.unpack('<I', file.read(4))[0]
        file.seek(head['phoff'])
        table = file.read(count * 56)
    rows = struct.iter_unpack('<IIQQQQQQ', table)
    return sum(row[5] for row in rows if row[0] == PT_LOAD)
