using Capstan.Registry;
using Microsoft.Extensions.Logging;

namespace Capstan.Service;

/// <summary>Reads every stored artifact again from time to time, one after the other, and keeps what it finds.</summary>
sealed partial class ArtifactVerification(Engine engine)
{
    static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(1);

    readonly ILogger _logger = engine.Loggers.CreateLogger<ArtifactVerification>();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                while (await VerifyNextAsync(cancellationToken))
                {
                }
            }
            catch (Exception failure) when (failure is System.Data.Common.DbException or IOException)
            {
                LogTrouble(failure);
            }

            await Task.Delay(LookInterval, engine.Time, cancellationToken);
        }
    }

    /// <returns>False: none is due.</returns>
    public async Task<bool> VerifyNextAsync(CancellationToken cancellationToken)
    {
        var due = await engine.Database.ReadAsync(
            session => session.Artifacts.LongestUnverifiedAsync(engine.Now - engine.Options.VerificationInterval,
                cancellationToken), cancellationToken);
        if (due is null)
        {
            return false;
        }

        string? damage;
        try
        {
            damage = await engine.Copies.FindDamageAsync(due.Hash, cancellationToken);
        }
        catch (DamagedArtifactException found)
        {
            damage = found.Message;
        }

        if (damage is not null)
        {
            LogDamage(due.Hash, damage);
        }

        await engine.Database.WriteAsync(async session =>
        {
            await session.Artifacts.SetVerdictAsync(due.Hash, engine.Now, damage, cancellationToken);
            if (damage is not null || due.Damage is not null)
            {
                await DamageAlerts.TellAsync(session, due.Hash, damage, engine.Now, cancellationToken);
            }
        }, cancellationToken);
        return true;
    }

    [LoggerMessage(1, LogLevel.Error, "Artifact {Hash} is damaged: {Damage}.")]
    partial void LogDamage(string hash, string damage);

    [LoggerMessage(2, LogLevel.Warning, "Artifacts can't be verified now.")]
    partial void LogTrouble(Exception failure);
}
