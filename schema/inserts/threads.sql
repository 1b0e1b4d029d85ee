INSERT INTO threads (id, tid, name, instruction_pointer, stack_pointer)
VALUES (?, ?, ?, ?, ?);
