INSERT INTO labels (id, name)
VALUES (?, ?);
