"""Run by GDB's Python: one line, a digest of all that a process that is stopped in GDB is."""
import hashlib
import re


def digest(parts):
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part if isinstance(part, bytes) else str(part).encode())
    return whole.hexdigest()[:16]


def state():
    pid = gdb.selected_inferior().pid
    with open('/proc/%d/maps' % pid) as file:
        maps = file.read()
    with open('/proc/%d/status' % pid) as file:
        status = re.findall(r'^(?:State|TracerPid|Threads|Sig[PBIC]\w+|ShdPnd|VmSize|VmData|VmStk|\w*ctxt_\w+):.*',
                            file.read(), re.M)
    memory = hashlib.sha256()
    with open('/proc/%d/mem' % pid, 'rb', 0) as file:
        for start, end, name in re.findall(r'^(\w+)-(\w+) rw.. \S+ \S+ \S+\s*(.*)$', maps, re.M):
            file.seek(int(start, 16))
            memory.update(file.read(int(end, 16) - int(start, 16)))
    registers = gdb.execute('thread apply all -q info registers', to_string=True)
    selected = '%s %s' % (gdb.selected_thread().num, gdb.selected_frame().name())
    return 'maps %s, memory %s, registers %s, status %s, selected %s' % (
        digest([maps]), memory.hexdigest()[:16], digest([registers]), status, selected)


print('state', state())
