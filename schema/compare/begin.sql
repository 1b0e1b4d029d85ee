-- One transaction for all rows of `born` and `died`.
BEGIN;
