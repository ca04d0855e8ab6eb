namespace Capstan.Parameters.Tests;

/// <summary>Stops and continues a process, so that it gets a tenth of the time, until it is disposed.</summary>
sealed class SlowProcess : IDisposable
{
    readonly Thread _thread;
    volatile bool _isOver;

    public SlowProcess(Action stop, Action continueIt)
    {
        _thread = new Thread(() =>
        {
            while (!_isOver)
            {
                stop();
                Thread.Sleep(18);
                continueIt();
                Thread.Sleep(2);
            }
        });
        _thread.Start();
    }

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
    }
}
