namespace Capstan.Serving;

/// <summary>
/// Measures what comes to a model, second by second: how many requests were in progress or held, on average, and how many
/// arrived. Thread-safe.
/// </summary>
public sealed class LoadMeter
{
    // An hour, the longest stable window.
    const int Seconds = 3601;

    readonly Lock _gate = new();
    readonly TimeProvider _time;
    readonly long _began;
    readonly double[] _areas = new double[Seconds];
    readonly double[] _arrivals = new double[Seconds];
    readonly double[] _busy = new double[Seconds];
    double _at;
    int _inProgress;

    public LoadMeter(TimeProvider time) => (_time, _began) = (time, time.GetTimestamp());

    /// <summary>Requests in progress or held now.</summary>
    public int InProgress
    {
        get
        {
            lock (_gate)
            {
                return _inProgress;
            }
        }
    }

    public void Arrive()
    {
        lock (_gate)
        {
            Advance();
            _inProgress++;
            _arrivals[(long)_at % Seconds]++;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            Advance();
            _inProgress--;
        }
    }

    /// <summary>Adds processor time that the replicas have used, to the second that is now.</summary>
    public void AddBusy(TimeSpan processorTime)
    {
        lock (_gate)
        {
            Advance();
            _busy[(long)_at % Seconds] += processorTime.TotalSeconds;
        }
    }

    /// <summary>The average of the metric over the seconds before now, as far as there are any: this one is left out.</summary>
    public double Average(ScaleMetric metric, TimeSpan window)
    {
        lock (_gate)
        {
            Advance();
            var values = metric switch
            {
                ScaleMetric.Concurrency => _areas,
                ScaleMetric.RequestsPerSecond => _arrivals,
                _ => _busy,
            };
            var now = (long)_at;
            var count = Math.Min(now, (long)window.TotalSeconds);
            if (count == 0)
            {
                // In the very first second what is known is what is there now.
                return metric == ScaleMetric.Concurrency ? _inProgress : values[0];
            }

            var sum = 0.0;
            for (var second = now - count; second < now; second++)
            {
                sum += values[second % Seconds];
            }

            return sum / count;
        }
    }

    void Advance()
    {
        var now = _time.GetElapsedTime(_began).TotalSeconds;
        if (now - _at > Seconds)
        {
            // Nobody looked for an hour; what was in progress then has been ever since.
            _areas.AsSpan().Fill(_inProgress);
            _arrivals.AsSpan().Clear();
            _busy.AsSpan().Clear();
            _at = Math.Floor(now);
            _areas[(long)_at % Seconds] = 0;
        }

        while ((long)_at < (long)now)
        {
            var next = (long)_at + 1;
            _areas[(long)_at % Seconds] += (next - _at) * _inProgress;
            (_areas[next % Seconds], _arrivals[next % Seconds], _busy[next % Seconds]) = (0, 0, 0);
            _at = next;
        }

        _areas[(long)_at % Seconds] += (now - _at) * _inProgress;
        _at = now;
    }
}
