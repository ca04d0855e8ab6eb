-- What was known before a flight left: how late flights were lately. Run in the folder that holds flights-3m.parquet, with DuckDB 1.5; writes
-- flights-recent.parquet. An hour before the flight the lateness of those that left earlier is known, and nothing of later ones is used.
COPY (
    SELECT
        date, delay, distance, origin, destination,
        avg((delay > 15)::INT) OVER origin_hours AS origin_late,
        avg(greatest(least(delay, 180), -30)) OVER origin_hours AS origin_delay,
        avg((delay > 15)::INT) OVER destination_hours AS destination_late,
        avg((delay > 15)::INT) OVER all_hours AS all_late,
        count(*) OVER origin_hours AS origin_flights
    FROM read_parquet('flights-3m.parquet', file_row_number = true)
    WHERE date < TIMESTAMP '2001-07-01'
    WINDOW
        origin_hours AS (
            PARTITION BY origin ORDER BY date RANGE BETWEEN INTERVAL 4 HOURS PRECEDING AND INTERVAL 1 HOUR PRECEDING),
        destination_hours AS (
            PARTITION BY destination ORDER BY date RANGE BETWEEN INTERVAL 5 HOURS PRECEDING AND INTERVAL 1 HOUR PRECEDING),
        all_hours AS (ORDER BY date RANGE BETWEEN INTERVAL 4 HOURS PRECEDING AND INTERVAL 1 HOUR PRECEDING)
    ORDER BY file_row_number
) TO 'flights-recent.parquet' (FORMAT parquet, COMPRESSION zstd);
