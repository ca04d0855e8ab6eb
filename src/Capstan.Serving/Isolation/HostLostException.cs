namespace Capstan.Serving;

/// <summary>The process that was computing is gone, and what it had to compute may be asked again of another one.</summary>
sealed class HostLostException(string reason, Exception? cause = null) : Exception(reason, cause);
