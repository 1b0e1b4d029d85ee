SELECT object_id, parent_id, label_id, key_id, root_id
FROM paths;
