namespace Capstan.Serving;

/// <summary>What became of a version's requests since the server started. Thread-safe.</summary>
sealed class VersionCounts
{
    long _answered;
    long _refused;
    long _failed;
    long _shed;
    long _shadowed;
    long _shadowFailed;

    /// <summary>Requests with a prediction.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Requests that the caller has to correct.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Requests that failed here.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Requests that were told to come again, because all places were taken.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    /// <summary>Copies of requests that it scored for nobody.</summary>
    public long Shadowed => Interlocked.Read(ref _shadowed);

    /// <summary>Copies that it could not score.</summary>
    public long ShadowFailed => Interlocked.Read(ref _shadowFailed);

    public void CountAnswered() => Interlocked.Increment(ref _answered);

    public void CountRefused() => Interlocked.Increment(ref _refused);

    public void CountFailed() => Interlocked.Increment(ref _failed);

    public void CountShed() => Interlocked.Increment(ref _shed);

    public void CountShadowed(bool failed)
    {
        Interlocked.Increment(ref _shadowed);
        if (failed)
        {
            Interlocked.Increment(ref _shadowFailed);
        }
    }
}
