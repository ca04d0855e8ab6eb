using System.Runtime.InteropServices;

namespace Capstan.Serving;

/// <summary>
/// Processor work that no request waits for, such as loading a version beside those that answer: on a thread of its own, which the system puts
/// behind those of requests. The pool has as many threads as there are processors, so that the same work there would halve what two of them answer.
/// </summary>
static partial class QuietThread
{
    // A tenth of the weight of an ordinary thread. With less (19: a seventieth) a busy machine would take seconds for a model of some megabytes.
    const int Niceness = 10;

    /// <summary>Done when the work is, with what it gave or threw.</summary>
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Run(work, done)) { IsBackground = true, Name = "quiet", Priority = ThreadPriority.BelowNormal }.Start();
        return done.Task;
    }

    static void Run<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        try
        {
            StepBack();
            done.SetResult(work());
        }
        catch (Exception problem)
        {
            // The edge of the job: whoever awaits it is told.
            done.SetException(problem);
        }
    }

    /// <summary>On Linux .NET's priorities have no effect; what counts there is the thread's niceness.</summary>
    static void StepBack()
    {
        if (OperatingSystem.IsLinux())
        {
            const int Process = 0; // Of number 0, which on Linux is the calling thread alone.
            _ = SetPriority(Process, 0, Niceness); // Where that is not allowed, the work is done all the same.
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int niceness);
}
