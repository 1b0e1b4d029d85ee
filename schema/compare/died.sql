INSERT INTO temp.died (id, born_id) VALUES (:id, :other);
