-- Cuts flights.parquet from data/flights-3m.parquet of the npm package vega-datasets 3.2.1 (docs/decisions/0030).
-- Run in the folder that holds flights-3m.parquet, with DuckDB 1.5; one thread, so that the bytes come out the same.
SET threads = 1;

-- 78 of every 500 rows, spread evenly over the file (which is in order of date) by a multiplicative hash of their position.
COPY (
    SELECT date, delay, distance, origin, destination
    FROM read_parquet('flights-3m.parquet', file_row_number = true)
    WHERE (file_row_number * 2654435761) % 4294967296 * 500 < 4294967296 * 78
        AND date < TIMESTAMP '2001-07-01' -- six rows of the first minute of July
    ORDER BY file_row_number
) TO 'flights.parquet' (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 22, ROW_GROUP_SIZE 122880);
