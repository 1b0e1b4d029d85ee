SELECT (SELECT count(*) FROM threads) AS threads, (SELECT count(*) FROM frames) AS frames;
