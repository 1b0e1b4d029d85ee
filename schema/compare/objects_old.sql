SELECT address, type_id, size, gc_generation, content FROM old.objects ORDER BY id;
