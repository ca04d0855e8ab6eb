using Capstan.Serving;

namespace Capstan.Gateway;

/// <summary>Where routes are kept: by one gateway for its next start, or by several that serve by the same ones.</summary>
public interface IRouteStore
{
    /// <summary>Rises by one with every write, whoever wrote. Asked several times a second.</summary>
    Task<long> GenerationAsync(CancellationToken cancellationToken);

    /// <exception cref="UnreadableTableException">What is kept is no routes.</exception>
    Task<FleetDocument> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Replaces the route of one model.</summary>
    /// <param name="next">What shall be kept; its table's generation is one more than that of the document it was made from.</param>
    /// <returns>False: another gateway was faster, and nothing was written.</returns>
    Task<bool> TryWriteAsync(FleetDocument next, string model, CancellationToken cancellationToken);
}
