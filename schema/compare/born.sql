INSERT INTO temp.born (id, died_id) VALUES (:id, :other);
