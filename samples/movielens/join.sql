-- Joins MovieLens' ratings with their movies and holds out the last fifth of each user's ratings. Run in the folder that holds ratings.csv and
-- movies.csv of ml-latest-small, with DuckDB 1.5; one thread, so that ratings of the same second stay in the order of the file.
SET threads = 1;

CREATE TEMP TABLE placed AS
SELECT
    *,
    row_number() OVER (PARTITION BY userId ORDER BY timestamp, line) AS place,
    count(*) OVER (PARTITION BY userId) AS ratings
FROM (SELECT *, row_number() OVER () AS line FROM read_csv('ratings.csv'));

-- Some titles are not UTF-8: DuckDB passes these movies over, and their ratings are kept without title and genres.
CREATE TEMP TABLE joined AS
SELECT
    userId AS user_id, movieId AS movie_id, make_timestamp(timestamp * 1000000) AS rated, title, string_split(genres, '|') AS genres, rating,
    place > ratings - floor(ratings * 0.2) AS held_out
FROM placed LEFT JOIN read_csv('movies.csv', ignore_errors = true) USING (movieId)
ORDER BY line;

COPY (SELECT * EXCLUDE (held_out) FROM joined WHERE NOT held_out) TO 'train.parquet' (FORMAT parquet, COMPRESSION zstd);
COPY (SELECT * EXCLUDE (held_out) FROM joined WHERE held_out) TO 'later.parquet' (FORMAT parquet, COMPRESSION zstd);
