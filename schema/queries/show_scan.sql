-- One row if all memory was looked through for the address, or if not, why.
SELECT :scan_words AS words, :scan_bytes AS bytes, :scan_problem AS problem
WHERE :scan_words IS NOT NULL OR :scan_problem IS NOT NULL;
