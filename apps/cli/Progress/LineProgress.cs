namespace Capstan.Cli;

/// <summary>
/// Progress where nobody watches a screen (a log file, a pipe): a line at the end of each stage, and every ten seconds in
/// between.
/// </summary>
sealed class LineProgress(TextWriter output, TimeProvider time) : IWorkProgress
{
    static readonly TimeSpan Between = TimeSpan.FromSeconds(10);

    public IWorkStage Start(string name, long? total, string unit) => new Stage(output, time, name, total, unit);

    sealed class Stage(TextWriter output, TimeProvider time, string name, long? total, string unit) : IWorkStage
    {
        readonly Lock _gate = new();
        readonly long _started = time.GetTimestamp();
        long _said = time.GetTimestamp();
        long _done;
        string _figure = "";
        bool _complete;

        public void Advance(long amount)
        {
            lock (_gate)
            {
                _done += amount;
                if (time.GetElapsedTime(_said) >= Between)
                {
                    _said = time.GetTimestamp();
                    Say(new Pace(_done, total, unit, time.GetElapsedTime(_started)).ToString());
                }
            }
        }

        public void Show(string figure)
        {
            lock (_gate)
            {
                _figure = figure;
            }
        }

        public void Complete()
        {
            lock (_gate)
            {
                _complete = true;
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                var pace = new Pace(_done, null, unit, time.GetElapsedTime(_started));
                Say($"{(_complete ? "done" : "broken off")} · {pace} · {Pace.Short(pace.Elapsed)}");
            }
        }

        void Say(string text) => output.WriteLine($"{name}: {text}{(_figure.Length > 0 ? $" · {_figure}" : "")}");
    }
}

/// <summary>Progress that nobody wants to see.</summary>
sealed class SilentProgress : IWorkProgress, IWorkStage
{
    public static readonly SilentProgress Instance = new();

    public IWorkStage Start(string name, long? total, string unit) => this;

    public void Advance(long amount)
    {
    }

    public void Show(string figure)
    {
    }

    public void Complete()
    {
    }

    public void Dispose()
    {
    }
}
