using Capstan.Client;
using Capstan.Cluster;
using Capstan.Data;
using Capstan.Features;
using Capstan.Models;
using Capstan.Registry;
using Capstan.Service;
using Capstan.Serving;
using Capstan.Training;

namespace Capstan.Cli;

/// <summary>The command line asks for something that can't be, beyond what the parser sees.</summary>
sealed class UsageException(string message) : Exception(message);

/// <summary>
/// Where every failure of a command ends: as one message on standard error and an exit code. Known kinds say what they have to
/// say; anything else is our mistake, and the message tells how to get the details for a report.
/// </summary>
static class ErrorEdge
{
    /// <summary>The exit code of each known kind of failure. A new kind costs one line.</summary>
    static int? ExitCodeOf(Exception failure) => failure switch
    {
        UsageException or PipelineException or ExpressionException or ExpressionSyntaxException => ExitCodes.Usage,
        SqlNotSupportedException or PushdownException or DataSchemaException or SkewKeyException => ExitCodes.Usage,
        OnnxNotSupportedException => ExitCodes.Failure,
        BadRowException or UnreadableDataException or UnknownColumnException => ExitCodes.BadData,
        LabelException or VocabularyFullException or KeysFullException => ExitCodes.BadData,
        CorruptArtifactException or ForeignModelException => ExitCodes.BadModel,
        CheckpointRefusedException or IncomparableModelsException => ExitCodes.Usage,
        TrainingDivergedException or SpillFailedException or UnwritableFileException => ExitCodes.Failure,
        PortUnavailableException or RegistryUnavailableException or HttpRequestException => ExitCodes.Failure,
        CapstanServiceException => ExitCodes.Failure,
        ServiceSetupException => ExitCodes.Usage,
        ClusterAddressException => ExitCodes.Usage,
        PoolException or PeerRefusedException or JobFailedException => ExitCodes.Failure,
        GatewayRefusedException or UnreadableTableException => ExitCodes.Failure,
        VersionNotReadyException => ExitCodes.BadModel,
        IOException or UnauthorizedAccessException => ExitCodes.Failure,
        _ => null,
    };

    public static async Task<int> RunAsync(
        string command, Terminal terminal, Func<CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Error.WriteLine($"capstan {command}: cancelled.");
            return ExitCodes.Cancelled;
        }
        catch (Exception failure) when (ExitCodeOf(failure) is { } known)
        {
            Report(command, terminal, failure.Message, failure);
            return known;
        }
        catch (Exception failure)
        {
            Report(command, terminal, $"unexpected {failure.GetType().Name}: {failure.Message}", failure);
            if (!terminal.ShowDetails)
            {
                terminal.Error.WriteLine($"This is a mistake in Capstan. Run it again with " +
                    $"{Terminal.DetailsVariable}=1 for the details to report.");
            }

            return ExitCodes.Failure;
        }
    }

    static void Report(string command, Terminal terminal, string message, Exception failure)
    {
        terminal.Error.WriteLine($"capstan {command}: {message}");
        if (terminal.ShowDetails)
        {
            terminal.Error.WriteLine(failure);
        }
    }
}
