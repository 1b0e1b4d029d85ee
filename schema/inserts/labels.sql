INSERT INTO labels (id, name, expression, weight)
VALUES (?, ?, ?, ?);
