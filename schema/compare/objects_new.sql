SELECT address, type_id, size, gc_generation, content FROM main.objects ORDER BY id;
