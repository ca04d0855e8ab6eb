namespace Capstan.Tests.Support;

/// <summary>Where there is no PostgreSQL, tests that need one are skipped by name.</summary>
sealed partial class PostgreSqlServer
{
    /// <summary>The server; skips the test that asks where PostgreSQL is not installed.</summary>
    public static PostgreSqlServer Shared
    {
        get
        {
            Require();
            return Only.Value;
        }
    }

    /// <summary>One of a test's own, which keeps what it has committed when it is restarted.</summary>
    public static PostgreSqlServer Restartable()
    {
        Require();
        return new PostgreSqlServer(Settings);
    }

    static void Require() => Assert.SkipWhen(
        Programs() is null, "needs PostgreSQL's programs (Debian: apt-get install postgresql), which ./test installs where it may");
}
