SELECT why_not IS NULL FROM temp.lineage;
