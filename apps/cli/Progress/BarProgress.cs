using Spectre.Console;

namespace Capstan.Cli;

/// <summary>Progress on a screen: a bar for each stage with rate, time left and the latest figure.</summary>
sealed class BarProgress(ProgressContext context, TimeProvider time) : IWorkProgress
{
    /// <summary>Runs work while its stages are drawn; what they show stays on the screen when it ends.</summary>
    public static Task<TResult> RunAsync<TResult>(
        IAnsiConsole console, TimeProvider time, Func<IWorkProgress, Task<TResult>> work) => console
        .Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 30 })
        .StartAsync(context => work(new BarProgress(context, time)));

    public IWorkStage Start(string name, long? total, string unit) =>
        new Stage(context.AddTask(Markup.Escape(name)), time, name, total, unit);

    sealed class Stage : IWorkStage
    {
        static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

        readonly Lock _gate = new();
        readonly ProgressTask _bar;
        readonly TimeProvider _time;
        readonly string _name;
        readonly long? _total;
        readonly string _unit;
        readonly long _started;
        long _drawn;
        long _done;
        string _figure = "";
        bool _complete;

        public Stage(ProgressTask bar, TimeProvider time, string name, long? total, string unit)
        {
            (_bar, _time, _name, _total, _unit) = (bar, time, name, total, unit);
            _started = _drawn = time.GetTimestamp();
            bar.MaxValue = total is > 0 ? total.Value : 1;
            bar.IsIndeterminate = total is null;
        }

        public void Advance(long amount)
        {
            lock (_gate)
            {
                _done += amount;
                if (_time.GetElapsedTime(_drawn) >= Between)
                {
                    Draw();
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
                Draw();
                _bar.IsIndeterminate = false;
                _bar.Value = _complete ? _bar.MaxValue : _bar.Value;
                _bar.StopTask();
            }
        }

        void Draw()
        {
            _drawn = _time.GetTimestamp();
            var pace = new Pace(_done, _total, _unit, _time.GetElapsedTime(_started));
            _bar.Value = _total is null ? 0 : Math.Min(_done, _bar.MaxValue);
            _bar.Description = Markup.Escape($"{_name}: {pace}{(_figure.Length > 0 ? $" · {_figure}" : "")}");
        }
    }
}
